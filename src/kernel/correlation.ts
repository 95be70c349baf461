/** What a process calls the id of what began it: in its memo, and in the header of everything it has done for it. */
export const CORRELATION = 'correlationId';
