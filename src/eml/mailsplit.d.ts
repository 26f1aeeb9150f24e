/** Types of the used part of mailsplit, which ships none. */
declare module "mailsplit" {
  import type { Transform } from "node:stream";

  export interface MimeNode {
    readonly type: "node";
    readonly root: boolean;
    readonly parentNode: MimeNode | false;
    /** Lower case; false when it cannot be read. */
    readonly contentType: string | false;
    /** Lower case; "" when there is none. */
    readonly encoding: string;
    readonly charset: string | false;
    readonly disposition: string | false;
    readonly filename: string | false;
    readonly delSp: boolean;
    /** The header and the empty line after it, as they are in the message. */
    getHeaders(): Buffer;
  }

  export interface MimeChunk {
    readonly type: "body" | "data";
    readonly node: MimeNode;
    readonly value?: Buffer;
  }

  export class Splitter extends Transform {
    constructor(options?: { readonly ignoreEmbedded?: boolean; readonly maxChildNodes?: number });
  }
}
