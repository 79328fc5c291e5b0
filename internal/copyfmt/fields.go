package copyfmt

import (
	"bytes"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// field is one value of a record: bytes of the record itself or of the splitter's scratch.
type field struct {
	val    []byte
	null   bool
	quoted bool
}

// splitter cuts a record into fields.
type splitter struct {
	o       *Options
	fields  []field
	scratch []byte // values that had escapes or quotes in them
}

// split cuts rec; the fields are good until the next call.
func (s *splitter) split(rec []byte) ([]field, error) {
	s.fields, s.scratch = s.fields[:0], s.scratch[:0]
	if cap(s.scratch) < len(rec) {
		s.scratch = make([]byte, 0, 2*len(rec)) // never grows while fields point into it
	}
	if s.o.Format == CSV {
		return s.fields, s.csv(rec)
	}
	if bytes.IndexByte(rec, '\\') < 0 {
		s.plain(rec)
		return s.fields, nil
	}
	return s.fields, s.text(rec)
}

// plain cuts a record without escapes.
func (s *splitter) plain(rec []byte) {
	for {
		k := bytes.IndexByte(rec, s.o.Delim)
		v := rec
		if k >= 0 {
			v = rec[:k]
		}
		s.fields = append(s.fields, field{val: v, null: string(v) == s.o.Null})
		if k < 0 {
			return
		}
		rec = rec[k+1:]
	}
}

// text cuts a record of the text format.
func (s *splitter) text(rec []byte) error {
	for {
		end, escaped := 0, false
		for end < len(rec) && rec[end] != s.o.Delim {
			if rec[end] == '\\' && end+1 < len(rec) {
				end++
				escaped = true
			}
			end++
		}
		v := rec[:end]
		f := field{val: v, null: string(v) == s.o.Null}
		if escaped && !f.null {
			at := len(s.scratch)
			s.scratch = unescape(s.scratch, v)
			f.val = s.scratch[at:]
			if !utf8.Valid(f.val) || bytes.IndexByte(f.val, 0) >= 0 {
				return badUTF8(f.val)
			}
		}
		s.fields = append(s.fields, f)
		if end >= len(rec) {
			return nil
		}
		rec = rec[end+1:]
	}
}

// unescape appends v with its backslash escapes resolved.
func unescape(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		ch := v[i]
		if ch != '\\' || i+1 == len(v) {
			dst = append(dst, ch)
			continue
		}
		i++
		switch ch = v[i]; ch {
		case 'b':
			ch = '\b'
		case 'f':
			ch = '\f'
		case 'n':
			ch = '\n'
		case 'r':
			ch = '\r'
		case 't':
			ch = '\t'
		case 'v':
			ch = '\v'
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := ch - '0'
			for k := 0; k < 2 && i+1 < len(v) && v[i+1] >= '0' && v[i+1] <= '7'; k++ {
				i++
				n = n<<3 + v[i] - '0'
			}
			ch = n
		case 'x':
			n, k := byte(0), 0
			for ; k < 2 && i+1 < len(v) && hexDigit(v[i+1]) >= 0; k++ {
				i++
				n = n<<4 + byte(hexDigit(v[i]))
			}
			if k > 0 {
				ch = n
			}
		}
		dst = append(dst, ch)
	}
	return dst
}

func hexDigit(ch byte) int {
	switch {
	case ch >= '0' && ch <= '9':
		return int(ch - '0')
	case ch >= 'a' && ch <= 'f':
		return int(ch-'a') + 10
	case ch >= 'A' && ch <= 'F':
		return int(ch-'A') + 10
	}
	return -1
}

// csv cuts a record of the csv format.
func (s *splitter) csv(rec []byte) error {
	if bytes.IndexByte(rec, s.o.Quote) < 0 {
		s.plain(rec)
		return nil
	}
	for {
		f, rest, more, err := s.csvField(rec)
		if err != nil {
			return err
		}
		s.fields = append(s.fields, f)
		if !more {
			return nil
		}
		rec = rest
	}
}

// csvField takes one field off rec; quotes may begin and end anywhere in it. more says that a delimiter follows.
func (s *splitter) csvField(rec []byte) (f field, rest []byte, more bool, err error) {
	at, in := len(s.scratch), false
	i := 0
	for ; i < len(rec); i++ {
		ch := rec[i]
		if !in {
			if ch == s.o.Delim {
				break
			}
			if ch == s.o.Quote {
				in, f.quoted = true, true
				continue
			}
		} else {
			if ch == s.o.Escape && i+1 < len(rec) && (rec[i+1] == s.o.Escape || rec[i+1] == s.o.Quote) {
				i++
				ch = rec[i]
			} else if ch == s.o.Quote {
				in = false
				continue
			}
		}
		s.scratch = append(s.scratch, ch)
	}
	if in {
		return f, nil, false, sqlerr.New(sqlerr.BadCopyFileFormat, "unterminated CSV quoted field")
	}
	f.val = s.scratch[at:]
	k := len(s.fields)
	if !f.quoted || s.o.ForceNull != nil && k < len(s.o.ForceNull) && s.o.ForceNull[k] {
		f.null = string(f.val) == s.o.Null
	}
	if i < len(rec) {
		return f, rec[i+1:], true, nil
	}
	return f, nil, false, nil
}
