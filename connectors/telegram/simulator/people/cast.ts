/** Who lives in the sandbox. Keys are how scripts and the control interface name somebody. */
export interface CastMember {
  readonly key: string;
  /** E.164, of ranges that regulators set aside for fiction: no living person is ever named. */
  readonly phone: string;
  readonly firstName: string;
  readonly lastName?: string;
  readonly username: string;
}

/** The hotel's own account; its phone shows login codes and scans QR codes. */
export const sandboxHotel: CastMember = {
  key: 'hotel',
  phone: '+493023125100',
  firstName: 'Hotel Seeblick',
  username: 'hotel_seeblick',
};

/** Katrin is on WhatsApp too, under the same number; here, as most people do, she does not show it. */
export const sandboxGuests: readonly CastMember[] = [
  { key: 'katrin', phone: '+491713920010', firstName: 'Katrin', lastName: 'Berger', username: 'katrin_berger' },
  { key: 'amira', phone: '+447700900456', firstName: 'Amira', lastName: 'Haddad', username: 'amira_h' },
];
