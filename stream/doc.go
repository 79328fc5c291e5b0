// Package stream runs continuous queries: trigger loops, offsets, watermarks, the atomic commit of each step, recovery, progress.
//
// One step, in the order that makes it exactly once:
//
//  1. The trigger fires. Each source is asked for its latest position, cut by the limits. Nothing new and nothing to close: wait.
//  2. For sinks outside the server the step is logged: number, input ranges, watermark, clock. From here it can be repeated exactly.
//  3. The operators run over the ranges; the output is staged at the sink under the step's number.
//  4. One synced batch: changed operator state, result rows, offsets, watermark, step number.
//  5. The sink's staged output is published (idempotent under the step's number).
//
// On restart a step that was logged but not committed runs again from the same ranges with the same clock and watermark; one that was
// committed but not published is published. Sinks in the server itself (views, memory) are part of 4.
package stream
