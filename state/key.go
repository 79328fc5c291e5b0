package state

import "encoding/binary"

// The keys of the store, by their first byte. Numbers are big-endian, so that they sort.
//
//	c/...                         catalog entries (package catalog)
//	l oid seq                     a chunk of a Log, by the sequence number of its first row
//	C oid seq column              a large column of a Log's chunk
//	L oid                         oldest and newest sequence number of a Log, written when it is cut
//	T oid seq                     when the rows of a Log's chunk were appended, where it was merged
//	t oid 'd' version             the delta of a Table's version
//	t oid 'm'                     the version and number of chunks of a Table's snapshot
//	t oid 's' version number      a chunk of a Table's snapshot
//	q, o, k ...                   queries, operator state, connectors' own (package stream)
const (
	prefixLog      = 'l'
	prefixLogMeta  = 'L'
	prefixLogCol   = 'C'
	prefixLogTimes = 'T'
	prefixTable    = 't'
)

func oidKey(prefix byte, oid uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{prefix}, oid)
}

func logKey(oid uint32, seq int64) []byte {
	return binary.BigEndian.AppendUint64(oidKey(prefixLog, oid), uint64(seq))
}

func logColKey(oid uint32, seq int64, col int) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64(oidKey(prefixLogCol, oid), uint64(seq)), uint16(col))
}

func tableKey(oid uint32, part byte, version int64) []byte {
	return binary.BigEndian.AppendUint64(append(oidKey(prefixTable, oid), part), uint64(version))
}

func snapshotKey(oid uint32, version int64, n int) []byte {
	return binary.BigEndian.AppendUint32(tableKey(oid, 's', version), uint32(n))
}

// keyNumber is the number in the last 8 bytes of a log or delta key.
func keyNumber(key []byte) int64 { return int64(binary.BigEndian.Uint64(key[len(key)-8:])) }
