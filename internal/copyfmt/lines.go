package copyfmt

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

const readSize = 64 << 10

// ends is the way in which the lines of the data end; the first line settles it.
type ends uint8

const (
	endsUnknown ends = iota
	endsLF
	endsCRLF
	endsCR
)

// lineReader cuts text and csv data into records. A record is one line, but for csv values in quotes and text values with an
// escaped line break, which may go over several.
type lineReader struct {
	r    io.Reader
	o    *Options
	ends ends
	buf  []byte
	pos  int // first byte not taken
	eof  bool
	line int // number of the line that was taken last, from 1
}

// fill reads more bytes; false at the end of the data.
func (l *lineReader) fill() (bool, error) {
	if l.eof {
		return false, nil
	}
	if l.pos > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.pos:])]
		l.pos = 0
	}
	if cap(l.buf)-len(l.buf) < readSize/2 {
		l.buf = append(make([]byte, 0, 2*cap(l.buf)+readSize), l.buf...)
	}
	n, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf = l.buf[:len(l.buf)+n]
	if err == io.EOF {
		l.eof = true
		return n > 0, nil
	}
	return true, err
}

// next gives the next record without its line end; io.EOF after the last one or `\.`. It is good until the next call.
func (l *lineReader) next() ([]byte, error) {
	l.line++
	n, width, err := l.measure()
	if err != nil {
		return nil, err
	}
	rec := l.buf[l.pos : l.pos+n]
	l.pos += n + width
	if n == 0 && width == 0 {
		return nil, io.EOF
	}
	if mark := l.endMark(rec); mark >= 0 {
		if mark+2 < len(rec) {
			return nil, sqlerr.New(sqlerr.BadCopyFileFormat, "end-of-copy marker corrupt")
		}
		if err := l.drain(); err != nil {
			return nil, err
		}
		if rec = rec[:mark]; mark == 0 {
			return nil, io.EOF
		}
	}
	if !utf8.Valid(rec) || bytes.IndexByte(rec, 0) >= 0 {
		return nil, badUTF8(rec)
	}
	return rec, nil
}

// endMark finds the `\.` that ends the data: in csv only alone on its line, in text also at the end of one. -1: none.
func (l *lineReader) endMark(rec []byte) int {
	if l.o.Format == CSV {
		if string(rec) == `\.` {
			return 0
		}
		return -1
	}
	for i := bytes.IndexByte(rec, '\\'); i >= 0 && i+1 < len(rec); {
		if rec[i+1] == '.' {
			return i
		}
		i += 2
		k := bytes.IndexByte(rec[i:], '\\')
		if k < 0 {
			break
		}
		i += k
	}
	return -1
}

// drain reads on to the end: what follows the mark is not data, but its sender wants it read.
func (l *lineReader) drain() error {
	l.buf, l.pos, l.eof = l.buf[:0], 0, true
	_, err := io.Copy(io.Discard, l.r)
	return err
}

// unterminated is the error of a value whose quotes do not end, with all of the rest as its line.
func (l *lineReader) unterminated() error {
	e := sqlerr.New(sqlerr.BadCopyFileFormat, "unterminated CSV quoted field")
	e.Where = line(l.buf[l.pos:])
	return e
}

// measure finds the end of the record at pos: its length and that of its line end, both 0 where the data is over. It
// fills the buffer as needed, and settles the way lines end.
func (l *lineReader) measure() (n, width int, err error) {
	at, quoted := 0, false // how far the record has been looked through, and whether that is inside quotes
	for {
		data := l.buf[l.pos:]
		end, done := l.fast(data, at, quoted)
		if !done {
			end, quoted, done = l.slow(data, at, quoted)
		}
		if done && (data[end] != '\r' || end+1 < len(data) || l.eof) {
			return l.lineEnd(data, end)
		}
		at = end
		more, err := l.fill()
		if err != nil {
			return 0, 0, err
		}
		if !more && l.eof {
			if quoted {
				return 0, 0, l.unterminated()
			}
			if end, quoted, done := l.slow(l.buf[l.pos:], at, quoted); done && !quoted {
				return l.lineEnd(l.buf[l.pos:], end)
			}
			return len(l.buf) - l.pos, 0, nil
		}
	}
}

// fast finds the end of a record that needs no look at its bytes: ended by LF, without backslash or quote.
func (l *lineReader) fast(data []byte, at int, quoted bool) (end int, ok bool) {
	if quoted || at > 0 || l.ends == endsCR || l.ends == endsUnknown {
		return 0, false
	}
	end = bytes.IndexByte(data, '\n')
	if end < 0 {
		return 0, false
	}
	odd := byte('\\')
	if l.o.Format == CSV {
		odd = l.o.Quote
	}
	if bytes.IndexByte(data[:end], odd) >= 0 {
		return 0, false
	}
	if cr := bytes.IndexByte(data[:end], '\r'); cr >= 0 {
		return cr, true
	}
	return end, true
}

// slow looks at every byte of data from at on for the first line break that ends the record. Where there is none yet,
// end is where to go on.
func (l *lineReader) slow(data []byte, at int, quoted bool) (end int, inQuotes, found bool) {
	csv := l.o.Format == CSV
	for i := at; i < len(data); i++ {
		switch ch := data[i]; {
		case csv && quoted && ch == l.o.Escape && l.o.Escape != l.o.Quote:
			if i+1 == len(data) {
				return i, quoted, false
			}
			if next := data[i+1]; next == l.o.Escape || next == l.o.Quote {
				i++
			}
		case csv && ch == l.o.Quote:
			quoted = !quoted
		case !csv && ch == '\\':
			if i+1 == len(data) {
				return i, quoted, false
			}
			i++
		case quoted && (ch == '\n') == (l.ends == endsLF) && (ch == '\n' || ch == '\r'):
			l.line++ // counted as PostgreSQL does: by CR as long as lines are not known to end with LF
		case (ch == '\n' || ch == '\r') && !quoted:
			return i, quoted, true
		}
	}
	return len(data), quoted, false
}

// lineEnd judges the line break at data[end].
func (l *lineReader) lineEnd(data []byte, end int) (n, width int, err error) {
	got, width := endsLF, 1
	if data[end] == '\r' {
		got = endsCR
		if end+1 < len(data) && data[end+1] == '\n' && l.ends != endsCR {
			got, width = endsCRLF, 2
		}
	}
	if l.ends == endsUnknown {
		l.ends = got
	}
	if got == l.ends {
		return end, width, nil
	}
	name, escape := "newline", `\n`
	if data[end] == '\r' {
		name, escape = "carriage return", `\r`
	}
	if l.o.Format == CSV {
		return 0, 0, sqlerr.New(sqlerr.BadCopyFileFormat, "unquoted %s found in data", name).
			WithHint("Use quoted CSV field to represent %s.", name)
	}
	return 0, 0, sqlerr.New(sqlerr.BadCopyFileFormat, "literal %s found in data", name).
		WithHint("Use \"%s\" to represent %s.", escape, name)
}

// badUTF8 names the first bad byte of b.
func badUTF8(b []byte) error {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if b[i] == 0 || r == utf8.RuneError && n == 1 {
			return sqlerr.New(sqlerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": %s", fmt.Sprintf("0x%02x", b[i]))
		}
		i += n
	}
	return nil
}
