// Package main is a module of functions for streamsqld, written in Go: slug(text) and the aggregate geomean(double precision).
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags=-s -o textstats.wasm main.go
package main

import (
	"encoding/binary"
	"math"
	"strings"
	"unsafe"
)

func main() {}

// scratch is where the server writes arguments; result holds what the last call returned, until the next.
var scratch, result []byte

//go:wasmexport alloc
func alloc(n int32) unsafe.Pointer {
	scratch = make([]byte, n)
	return unsafe.Pointer(unsafe.SliceData(scratch))
}

// null says that the result of the running call is NULL.
//
//go:wasmimport streamsql null
func null()

// give hands bytes to the server.
func give(b []byte) int64 {
	result = b
	return int64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))<<32 | int64(len(b))
}

// slug makes hello-world of Hello, World!
//
//go:wasmexport slug
func slug(text string) int64 {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') })
	return give([]byte(strings.Join(words, "-")))
}

// The state of geomean is the sum of the logarithms and the number of the values; before the first value it is empty.
func pack(sum, n float64) int64 {
	b := binary.LittleEndian.AppendUint64(nil, math.Float64bits(sum))
	return give(binary.LittleEndian.AppendUint64(b, math.Float64bits(n)))
}

func unpack(s string) (sum, n float64) {
	if s == "" {
		return 0, 0
	}
	b := []byte(s)
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
}

//go:wasmexport geomean_accumulate
func accumulate(state string, x float64) int64 {
	sum, n := unpack(state)
	return pack(sum+math.Log(x), n+1)
}

//go:wasmexport geomean_merge
func merge(state, other string) int64 {
	sum, n := unpack(state)
	sum2, n2 := unpack(other)
	return pack(sum+sum2, n+n2)
}

//go:wasmexport geomean_finish
func finish(state string) float64 {
	sum, n := unpack(state)
	if n == 0 {
		null()
		return 0
	}
	return math.Exp(sum / n)
}
