package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// bigMsg is the size of a message body from which its length is not believed before its bytes are here.
const bigMsg = 1 << 20

// frames hands a client's typed messages to pgproto3, which makes room for a whole message when it has seen its length. A large message is
// gathered here first, in memory that grows with what comes: a client must send what it wants the server to hold.
type frames struct {
	br   *bufio.Reader
	left int          // bytes of the message at hand that are still to be read
	big  bytes.Buffer // a large message, gathered
}

// Read implements io.Reader.
func (f *frames) Read(p []byte) (int, error) {
	if f.big.Len() > 0 {
		n, err := f.big.Read(p)
		if f.big.Len() == 0 {
			f.big = bytes.Buffer{}
		}
		return n, err
	}
	if f.left == 0 {
		head, err := f.br.Peek(5)
		if err != nil {
			return 0, err
		}
		f.left = 5
		if n := int(int32(binary.BigEndian.Uint32(head[1:]))); n >= 4 {
			f.left = 1 + n
		}
		if f.left > bigMsg && f.left-5 <= maxMsg {
			n := int64(f.left)
			f.left = 0
			if _, err := io.CopyN(&f.big, f.br, n); err != nil {
				return 0, err
			}
			return f.big.Read(p)
		}
	}
	n, err := f.br.Read(p[:min(len(p), f.left)])
	f.left -= n
	return n, err
}
