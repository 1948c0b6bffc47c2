import { describe, expect, it } from 'vitest';
import { AddressPolicy } from '../../../src/webhooks/address-policy.ts';
import { createTargetGuard } from '../../../src/webhooks/target-guard.ts';

const forbidden = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://0x7f.1/',
  'http://0/',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://100.64.0.1/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://192.0.2.1/',
  'http://198.51.100.7/',
  'http://203.0.113.9/',
  'http://240.0.0.1/',
  'http://192.0.0.8/',
  'http://[::1]/',
  'http://[::]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b::10.0.0.1]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001::1]/',
  'http://[2001:db8::1]/',
  'http://[fc00::1]/',
  'http://[fd12:3456::1]/',
  'http://[fe80::1]/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  'https://127.0.0.1:8443/x?y=z',
  'http://127。0。0。1/',
  'http://①②⑦.0.0.1/',
];

const allowed = [
  'https://8.8.8.8/',
  'http://93.184.216.34/hook',
  'https://[2606:4700::6810:85e5]/',
  'http://[::ffff:8.8.8.8]/',
];

describe('where webhooks may go', () => {
  const guard = createTargetGuard(new AddressPolicy([]), () => Promise.reject(new Error('offline')));

  it.each(forbidden)('refuses %s', async (url) => {
    await expect(guard.check(url)).rejects.toMatchObject({ code: 'webhook_target_forbidden' });
  });

  it.each(allowed)('lets %s pass', async (url) => {
    await expect(guard.check(url)).resolves.toBeUndefined();
  });

  it.each([
    'ftp://8.8.8.8/',
    'file:///etc/passwd',
    'nonsense',
    '',
    'javascript:alert(1)',
    'http://user:pw@8.8.8.8/',
    'http://user@8.8.8.8/',
  ])('does not take %j for a usable URL', async (url) => {
    await expect(guard.check(url)).rejects.toMatchObject({ code: 'webhook_target_invalid' });
  });

  it('refuses a name all of whose addresses are private, and accepts one that does not resolve yet', async () => {
    const resolving = createTargetGuard(new AddressPolicy([]), async () => ['10.0.0.5', '::1']);
    await expect(resolving.check('https://pms.hotel.example/')).rejects.toMatchObject({
      code: 'webhook_target_forbidden',
    });
    await expect(guard.check('https://pms.hotel.example/')).resolves.toBeUndefined();
  });

  it('opens exactly the ranges on the allow-list', async () => {
    const open = createTargetGuard(new AddressPolicy(['10.0.0.0/8', 'fd00::/8', '127.0.0.1']));
    await expect(open.check('http://10.200.3.4/')).resolves.toBeUndefined();
    await expect(open.check('http://[::ffff:10.200.3.4]/')).resolves.toBeUndefined();
    await expect(open.check('http://[fd00::7]/')).resolves.toBeUndefined();
    await expect(open.check('http://127.0.0.1/')).resolves.toBeUndefined();
    await expect(open.check('http://127.0.0.2/')).rejects.toMatchObject({ code: 'webhook_target_forbidden' });
    await expect(open.check('http://192.168.0.1/')).rejects.toMatchObject({ code: 'webhook_target_forbidden' });
  });

  it('says which range cannot be read', () => {
    expect(() => new AddressPolicy(['10.0.0.0/99'])).toThrow(/10\.0\.0\.0\/99/);
  });
});
