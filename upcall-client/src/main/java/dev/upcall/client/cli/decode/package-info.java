/// Explains recorded traffic: every field of every frame, what it means, and what is odd about it.
///
/// ```
/// a line ─▶ LineReader ─▶ Piece ─▶ Transcript ─▶ Explanation
///   trace file · bare hex · .jsonl      hybrid lines, service byte, frames in any pieces
/// ```
///
/// | form        | a line                                                        | written by              |
/// |-------------|---------------------------------------------------------------|-------------------------|
/// | trace       | `2026-11-21T10:00:00.123456Z H->G 1024 00014d44…`             | `upcall --trace`        |
/// | bare hex    | `00014d44…`, `H->G 00014d44…`; shorter than a frame: zeros follow | a person            |
/// | vector      | `{"direction": "H->G", "hex": "00014d44…", "len": 1024}`      | captures of real guests |
///
/// Empty lines and lines that start with `#` say nothing. Trailing zeros are left out of the hex in all forms; the length
/// says how many bytes there were. A whole frame is held only while its pieces arrive, a line at most
/// [LineReader#CHARACTERS_MAX].
///
/// Pure. Imports: `dev.upcall.proto`, Jackson's streaming reader. Start reading at [Transcript].
@NullMarked
package dev.upcall.client.cli.decode;

import org.jspecify.annotations.NullMarked;
