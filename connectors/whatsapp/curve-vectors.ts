/** Two key agreements, computed by node:crypto and curve25519-js. */
export const agreementVectors = [
  {
    privateKey: '77076d0a7318a57d3c16c17251b26645df4c2f92ebc0992ac177fba51db92c2a',
    publicKey: 'a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209',
    secret: 'd28b32ffac4ba9d9027b34ba0d1c6d45678476ea636810d54a58c9e14f495d16',
  },
  {
    privateKey: '77076d0a7318a57d3c16c17251b26645df4c2f92ebc0992ac177fba51db92c2a',
    publicKey: '5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22',
    secret: 'f8b021007cf0a1b2c7a9bd1764c2a261caeb255c7ece67ae2adb71a0be1ccb41',
  },
] as const;

export const SIGNED_TEXT = 'bellhop self-test';

/** Signatures of `SIGNED_TEXT` made by curve25519-js, with the sign bit of the key clear and set. */
export const signatureVectors = [
  {
    publicKey: 'a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209',
    signature:
      'bc6fac66cef845efcc7005ba52a86d019bad015630990043ef560186c9eaf514efb6908644a262362c69228ec2503ec7184fad7e24135659831c6c73e8de1b08',
  },
  {
    publicKey: '5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22',
    signature:
      'd99cb9bdb16c9dce6da2ed2dd671a1030954ea9ae0b8bc6ca3087d0ce9b5cff46d3d7f907107c16ad36e4392041c1b2f5976fc12982e7f553a657b488345b385',
  },
] as const;
