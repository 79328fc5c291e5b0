// Package format reads and writes rows as bytes: json, csv, text and parquet, for every connector.
//
// A connector cuts its input into chunks of whole lines and gives them to a Decoder, which fills Arrow columns directly and hands
// on batches of some thousand rows with only the wanted columns. A row that does not parse goes to Config.OnBad with its offset in
// the chunk; the connector knows the file and line. A row is judged by the columns that are read: what nobody wants is skipped
// without being decoded. An Encoder turns batches into bytes for a sink.
//
// JSON fields and CSV headers match a column by the exact name, else without regard to case, because column names are folded to
// lower case: the field dateTime fills the column datetime. If several fields of a row match, the first one counts.
package format
