// Package types knows PostgreSQL's types and how their values lie in Arrow columns.
//
// Everything that moves through the server is a Batch: Arrow columns of one length, and a weight for each row.
// A Type says which PostgreSQL type a column has; Type.Arrow says which Arrow layout carries it:
//
//	boolean                     arrow.Boolean
//	smallint, integer, bigint   arrow.Int16, Int32, Int64
//	oid, reg*, xid              arrow.Uint32
//	real, double precision      arrow.Float32, Float64
//	numeric                     arrow.Binary, one value encoded by Dec.Append (exact, own scale, NaN, infinities)
//	text, varchar, char(n), name, "char", json, jsonb, unknown
//	                            arrow.String (jsonb: its canonical text)
//	bytea                       arrow.Binary
//	date                        arrow.Date32: days since 1970-01-01; math.MinInt32/MaxInt32 are -infinity/infinity
//	time                        arrow.Time64 in microseconds
//	timetz                      arrow.FixedSizeBinary(12): int64 µs, int32 zone (seconds west), little-endian
//	timestamp, timestamptz      arrow.Timestamp in microseconds since 1970-01-01 (UTC for timestamptz; no zone in the
//	                            Arrow type for timestamp); math.MinInt64/MaxInt64 are -infinity/infinity
//	interval                    arrow.FixedSizeBinary(16): int64 µs, int32 days, int32 months, little-endian
//	uuid                        arrow.FixedSizeBinary(16)
//	bit, bit varying            arrow.String of 0 and 1
//	inet, cidr, macaddr         arrow.Binary, in bytes that are ordered as the addresses
//	enums                       arrow.Float64: the place of the label among the others (see Label)
//	record, composite types     arrow.Binary: PostgreSQL's binary form of a row, with the types of its fields
//	arrays                      arrow.List of the element's layout (one dimension)
//
// Memory: all columns are made with the Go allocator (Mem). Batches are immutable once handed on and may be shared
// and kept; nobody has to call Release, the garbage collector owns them.
package types
