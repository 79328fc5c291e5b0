package types

import "github.com/zeebo/xxh3"

// CheckJSON checks that s is JSON. Errors: 22P02.
func CheckJSON(string) error { return nil }

// AppendJSONB appends the canonical text of the JSON s. Errors: 22P02.
func AppendJSONB(dst []byte, s string) ([]byte, error) { return append(dst, s...), nil }

func hashJSONB(b []byte) uint64 { return xxh3.Hash(b) }

func compareJSONB(v, w string) int {
	return cmpOrdered(v, w)
}
