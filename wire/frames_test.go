package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

func frame(size, said int) []byte {
	b := binary.BigEndian.AppendUint32([]byte{'Q'}, uint32(said+4))
	return append(b, bytes.Repeat([]byte{'x'}, size)...)
}

func TestFramesPassAllOn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var sent []byte
	for _, size := range []int{0, 3, 5000, bigMsg - 5, bigMsg, bigMsg + 7, 1, 3 * bigMsg, 0, 9} {
		sent = append(sent, frame(size, size)...)
	}
	sent = append(sent, 'Q', 0, 0, 0, 1, 'Q') // a length that cannot be: pgproto3 is to see it
	for _, size := range []int{16, 8192} {
		f := &frames{br: bufio.NewReaderSize(iotest.HalfReader(bytes.NewReader(sent)), size)}
		var got []byte
		for {
			p := make([]byte, 1+rng.IntN(40000))
			n, err := f.Read(p)
			got = append(got, p[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, sent[:len(sent)-1]) { // half a header is not handed on
			t.Fatalf("%d bytes came of %d", len(got), len(sent))
		}
	}
}

func TestFramesBelieveNoLength(t *testing.T) {
	f := &frames{br: bufio.NewReader(bytes.NewReader(frame(3*bigMsg, maxMsg)))}
	if _, err := f.Read(make([]byte, 5)); err == nil {
		t.Fatal("the message is not whole")
	}
	if f.big.Cap() > 16*bigMsg {
		t.Fatalf("%d bytes held for %d", f.big.Cap(), 3*bigMsg)
	}
}
