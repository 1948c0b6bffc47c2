import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  type Der,
  explicit,
  generalizedTime,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  utf8String,
} from './der.ts';

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

// The keys live as long as the process, so the dates only must not get in the way of a virtual clock.
const NOT_BEFORE = '20000101000000Z';
const NOT_AFTER = '20991231235959Z';
const SERIAL_BYTES = 8;
const CA_NAME = 'Bellhop simulator CA';
const SERVER_NAME = 'Bellhop simulator media';
const MAY_SIGN_CERTIFICATES = bitString(Uint8Array.of(0x04), 2); // keyCertSign
const MAY_SIGN_HANDSHAKES = bitString(Uint8Array.of(0x80), 7); // digitalSignature
const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const SAN_DNS = 2;
const SAN_IP = 7;

/** What a TLS server on loopback needs, and the certificate by which clients know it. All PEM. */
export interface ServerCertificate {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A new authority and a leaf for `127.0.0.1` and `localhost`; both P-256. The authority's private key is dropped at once. */
export function issueLoopbackCertificate(): ServerCertificate {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ca = certify({
    subject: CA_NAME,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    extensions: [
      extension(OID.basicConstraints, true, sequence(boolean(true))),
      extension(OID.keyUsage, true, MAY_SIGN_CERTIFICATES),
    ],
  });
  const names = sequence(implicit(SAN_DNS, Buffer.from('localhost')), implicit(SAN_IP, LOOPBACK));
  const leaf = certify({
    subject: SERVER_NAME,
    publicKey: server.publicKey,
    signer: authority.privateKey,
    extensions: [
      extension(OID.keyUsage, true, MAY_SIGN_HANDSHAKES),
      extension(OID.extendedKeyUsage, false, sequence(objectId(OID.serverAuth))),
      extension(OID.subjectAltName, false, names),
    ],
  });
  return {
    caPem: toPem(ca),
    certificatePem: toPem(leaf),
    privateKeyPem: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface Certification {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Der[];
}

function certify({ subject, publicKey, signer, extensions }: Certification): Der {
  const algorithm = sequence(objectId(OID.ecdsaWithSha256));
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x01; // positive and without a leading zero
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))), // version 3
    integer(serial),
    algorithm,
    toName(CA_NAME),
    sequence(generalizedTime(NOT_BEFORE), generalizedTime(NOT_AFTER)),
    toName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  return sequence(body, algorithm, bitString(sign('sha256', body, signer)));
}

function toName(commonName: string): Der {
  return sequence(set(sequence(objectId(OID.commonName), utf8String(commonName))));
}

function extension(id: string, critical: boolean, value: Der): Der {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function toPem(der: Der): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
