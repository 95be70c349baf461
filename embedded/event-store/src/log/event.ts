export interface NewEvent {
  /** 16 bytes; the same id in the same stream is the same event. */
  readonly id: Uint8Array;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface RecordedEvent extends NewEvent {
  /** Place in the whole log: 1, 2, 3 … without gaps. */
  readonly position: number;
  readonly stream: string;
  /** Place in its stream: 0, 1, 2 … without gaps. */
  readonly revision: number;
  readonly createdUs: number;
}

/** In bytes, the type in two-byte characters: as the real server counts an event towards its limit. */
export const sizeOf = (event: NewEvent): number => event.data.length + event.metadata.length + 2 * event.type.length;
