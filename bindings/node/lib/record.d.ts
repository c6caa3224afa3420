/** An integer: a BigInt, or a Number without a fraction that is exact (up to 2^53 - 1). */
export type Integer = number | bigint;

/** Bytes that are read or written: not shared between threads, not detached. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/**
 * A record of the library: an object over the bytes of a C struct.
 *
 * Each field is a property. 64 bits are a bigint, narrower integers a number, letters a string, arrays
 * of numbers a typed array over the record itself. What is set is checked: a RangeError or TypeError
 * names the field.
 */
export class Record {
  /** Bytes of one record. */
  static readonly size: number;
  /** A record begins at a multiple of so many bytes. */
  static readonly align: number;
  /** The name of its struct in C. */
  static readonly cName: string;
  /** Its fields, and what each is. */
  static readonly fields: { readonly [name: string]: 'number' | 'text' | 'letter' | 'bytes' | 'numbers' | 'record' | 'records' };
  protected constructor(fields?: object);
  /** The bytes. */
  readonly view: DataView;
  /** The bytes, the record's own and no copy. */
  readonly bytes: Uint8Array;
  /** Sets fields by their names: all of them, or none if one is wrong. */
  assign(fields: object): this;
  /** Whether the other is of this class and has the same bytes. */
  equals(other: unknown): boolean;
  /** A plain object of the fields without reserved ones. */
  toObject(): { [name: string]: unknown };
  /** The same for JSON: integers of 64 bits are strings. */
  toJSON(): { [name: string]: unknown };
}
