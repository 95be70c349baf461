/** What was deployed by mistake: every workflow task of it fails. */
export async function clumsy(): Promise<string> {
  throw new TypeError('clumsy');
}
