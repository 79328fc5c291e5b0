package expr

import (
	"cmp"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// encodeFuncs are encodings, digests and UUIDs.
func encodeFuncs() []*Func {
	X, B := types.Text, types.Bytea
	sum := func(name string, f func([]byte) []byte) *Func {
		return p1(name, B, B, func(s string) string { return string(f([]byte(s))) }, name+" digest")
	}
	md := func(s string) string {
		d := md5.Sum([]byte(s))
		return hex.EncodeToString(d[:])
	}
	return []*Func{
		p1("md5", X, X, md, "MD5 digest in hexadecimal"), p1("md5", B, X, md, "MD5 digest in hexadecimal"),
		sum("sha224", func(b []byte) []byte { d := sha256.Sum224(b); return d[:] }),
		sum("sha256", func(b []byte) []byte { d := sha256.Sum256(b); return d[:] }),
		sum("sha384", func(b []byte) []byte { d := sha512.Sum384(b); return d[:] }),
		sum("sha512", func(b []byte) []byte { d := sha512.Sum512(b); return d[:] }),
		f2("encode", B, X, X, func(_ *Ctx, s, f string) (string, error) { return encode(s, f) }, "bytes as text: base64, hex, escape"),
		f2("decode", X, X, B, func(_ *Ctx, s, f string) (string, error) { return decode(s, f) }, "bytes of a text: base64, hex, escape"),
		p1("to_hex", types.Int4, X, func(n int32) string { return hexOf(uint64(uint32(n))) }, "number in hexadecimal"),
		p1("to_hex", types.Int8, X, func(n int64) string { return hexOf(uint64(n)) }, "number in hexadecimal"),
		f2("convert_from", B, X, X, func(_ *Ctx, s, enc string) (string, error) {
			if err := utf8Only(enc); err != nil {
				return "", err
			}
			return strings.ToValidUTF8(s, "\uFFFD"), nil
		}, "text of bytes in an encoding"),
		f3("convert", B, X, X, B, func(_ *Ctx, s, from, to string) (string, error) { return s, cmp.Or(utf8Only(from), utf8Only(to)) },
			"bytes of a text from one encoding in another"),
		f2("convert_to", X, X, B, func(_ *Ctx, s, enc string) (string, error) { return s, utf8Only(enc) }, "bytes of a text in an encoding"),
		{Name: "gen_random_uuid", Ret: types.UUID, Vol: Volatile, Safe: true, Doc: "random UUID", Kernel: func(_ *Ctx, n int, _ []Vec) (Vec, error) {
			return write(types.UUID, n, nil, func(int) ([16]byte, error) { return uuid.New(), nil })
		}},
	}
}

func hexOf(n uint64) string {
	s := strings.TrimLeft(hex.EncodeToString([]byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), "0")
	if s == "" {
		return "0"
	}
	return s
}

func utf8Only(enc string) error {
	switch strings.ToUpper(strings.NewReplacer("-", "", "_", "").Replace(enc)) {
	case "UTF8", "UNICODE", "SQLASCII":
		return nil
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "encoding %q is not supported", enc).WithHint("Use UTF8.")
}

func encode(s, format string) (string, error) {
	switch strings.ToLower(format) {
	case "hex":
		return hex.EncodeToString([]byte(s)), nil
	case "base64":
		e := base64.StdEncoding.EncodeToString([]byte(s))
		var b strings.Builder
		for len(e) > 76 {
			b.WriteString(e[:76] + "\n")
			e = e[76:]
		}
		return b.String() + e, nil
	case "escape":
		return escapeBytes(s), nil
	}
	return "", sqlerr.New(sqlerr.InvalidParameterValue, `unrecognized encoding: "%s"`, format)
}

// escapeBytes writes zero bytes and those above 127 in octal, and doubles backslashes.
func escapeBytes(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c == 0 || c >= 0x80:
			fmt.Fprintf(&b, `\%03o`, c)
		case c == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func decode(s, format string) (string, error) {
	strip := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \t\r\n", r) {
				return -1
			}
			return r
		}, s)
	}
	switch strings.ToLower(format) {
	case "hex":
		b, err := hex.DecodeString(strip(s))
		if err != nil {
			if bad := strings.IndexFunc(strip(s), func(r rune) bool { return r > 'f' || !strings.ContainsRune("0123456789abcdefABCDEF", r) }); bad >= 0 {
				_, n := utf8.DecodeRuneInString(strip(s)[bad:])
				return "", sqlerr.New(sqlerr.InvalidParameterValue, `invalid hexadecimal digit: "%s"`, strip(s)[bad:bad+n])
			}
			if len(strip(s))%2 == 1 {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
			}
			return "", err
		}
		return string(b), nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(strip(s))
		if err != nil {
			for _, r := range strip(s) {
				if r > 'z' || !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", r) {
					return "", sqlerr.New(sqlerr.InvalidParameterValue, `invalid symbol "%c" found while decoding base64 sequence`, r)
				}
			}
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid base64 end sequence").WithHint("Input data is missing padding, is truncated, or is otherwise corrupted.")
		}
		return string(b), nil
	case "escape":
		b, err := types.ParseBytea(s)
		return string(b), err
	}
	return "", sqlerr.New(sqlerr.InvalidParameterValue, `unrecognized encoding: "%s"`, format)
}
