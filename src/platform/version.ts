/** Of this program; the same as in package.json, which is not there where only the built files are. */
export const VERSION = '0.1.0';
