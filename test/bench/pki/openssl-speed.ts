import { runTool } from '../../kit/outside-tools.js';

/** Signatures per second that OpenSSL makes with one core: what no program in our place could exceed by much. */
export const opensslSpeed = async (seconds: number): Promise<Record<'rsa2048' | 'rsa3072' | 'p256', number>> => {
  const names = { rsa2048: 'rsa2048', rsa3072: 'rsa3072', p256: 'ecdsap256' };
  const { output } = await runTool('openssl', ['speed', '-seconds', String(seconds), ...Object.values(names)]);
  const read = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  return {
    rsa2048: read(/^rsa 2048 bits +\S+ +\S+ +([\d.]+)/m),
    rsa3072: read(/^rsa 3072 bits +\S+ +\S+ +([\d.]+)/m),
    p256: read(/^ *256 bits ecdsa \(nistp256\) +\S+ +\S+ +([\d.]+)/m),
  };
};
