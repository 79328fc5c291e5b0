package types

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// A value of inet or cidr lies in a column as bytes that are ordered as PostgreSQL orders them: 4 or 6 for the family, the network, the
// number of its bits, the address.

// InetValue is an address with the number of bits of its network.
type InetValue struct{ netip.Prefix }

// Append appends the bytes that columns have.
func (v InetValue) Append(dst []byte) []byte {
	family := byte(4)
	if v.Addr().Is6() {
		family = 6
	}
	dst = append(append(dst, family), v.Masked().Addr().AsSlice()...)
	return append(append(dst, byte(v.Bits())), v.Addr().AsSlice()...)
}

// DecodeInet reads the bytes of a column.
func DecodeInet(b []byte) InetValue {
	n := 4
	if b[0] == 6 {
		n = 16
	}
	a, _ := netip.AddrFromSlice(b[2+n:])
	return InetValue{netip.PrefixFrom(a, int(b[1+n]))}
}

// Text is the text of an inet, without the number of bits where it is that of the whole address, or of a cidr.
func (v InetValue) Text(cidr bool) string {
	if !cidr && v.Bits() == v.Addr().BitLen() {
		return v.Host()
	}
	return v.Full()
}

// Host is the text of the address alone: one of IPv6 whose first 96 bits are 0 ends like one of IPv4.
func (v InetValue) Host() string {
	a := v.Addr()
	if b := a.As16(); a.Is6() && [12]byte(b[:12]) == [12]byte{} && (b[12] != 0 || b[13] != 0) {
		return "::" + netip.AddrFrom4([4]byte(b[12:])).String()
	}
	return a.String()
}

// Full is the text of the address with the number of its network's bits.
func (v InetValue) Full() string { return v.Host() + "/" + strconv.Itoa(v.Bits()) }

// ParseInet reads an inet or cidr. A cidr may leave out the last bytes of an IPv4 address, and must have no bits behind its network. Errors: 22P02.
func ParseInet(s string, cidr bool) (InetValue, error) {
	name := "inet"
	if cidr {
		name = "cidr"
	}
	bad := sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid input syntax for type %s: "%s"`, name, s)
	addr, mask, masked := strings.Cut(s, "/")
	parts := strings.Count(addr, ".") + 1
	whole := strings.Contains(addr, ":") || parts == 4
	if !whole {
		if !cidr && !masked || parts > 4 || addr == "" {
			return InetValue{}, bad
		}
		addr += strings.Repeat(".0", 4-parts)
	}
	a, err := netip.ParseAddr(addr)
	if err != nil || a.Zone() != "" {
		return InetValue{}, bad
	}
	bits := a.BitLen()
	if masked {
		if bits, err = strconv.Atoi(mask); err != nil || bits < 0 || bits > a.BitLen() || mask == "" || mask[0] == '+' {
			return InetValue{}, bad
		}
	} else if cidr && a.Is4() && !whole {
		bits = classBits(a.As4()[0], parts)
	}
	v := InetValue{netip.PrefixFrom(a, bits)}
	if cidr && v.Masked() != v.Prefix {
		return v, sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid cidr value: "%s"`, s).WithDetail("Value has bits set to right of mask.")
	}
	return v, nil
}

// classBits is the size of the network of an address of which only so many bytes are written: by its class, and no smaller than what is written.
func classBits(first byte, parts int) int {
	bits := 32
	switch {
	case first >= 240:
	case first >= 224:
		bits = 8
		if parts == 1 {
			return 4
		}
	case first >= 192:
		bits = 24
	case first >= 128:
		bits = 16
	default:
		bits = 8
	}
	return max(bits, 8*parts)
}

// The families of the binary form.
const (
	pgFamily4 = 2
	pgFamily6 = 3
)

// AppendBinary appends PostgreSQL's binary form.
func (v InetValue) AppendBinary(dst []byte, cidr bool) []byte {
	family := byte(pgFamily4)
	if v.Addr().Is6() {
		family = pgFamily6
	}
	a := v.Addr().AsSlice()
	return append(append(dst, family, byte(v.Bits()), byte(boolInt(cidr)), byte(len(a))), a...)
}

func parseInetBinary(data []byte, cidr bool) (InetValue, error) {
	name := "inet"
	if cidr {
		name = "cidr"
	}
	bad := func(what string) (InetValue, error) {
		return InetValue{}, sqlerr.New(sqlerr.InvalidBinaryRepresentation, `invalid %s in external "%s" value`, what, name)
	}
	if len(data) < 4 {
		return InetValue{}, badBinary()
	}
	size := 4
	if data[0] == pgFamily6 {
		size = 16
	}
	switch {
	case data[0] != pgFamily4 && data[0] != pgFamily6:
		return bad("address family")
	case int(data[1]) > 8*size:
		return bad("bits")
	case int(data[3]) != size || len(data) != 4+size:
		return bad("length")
	}
	a, _ := netip.AddrFromSlice(data[4:])
	v := InetValue{netip.PrefixFrom(a, int(data[1]))}
	if cidr && v.Masked() != v.Prefix {
		return v, sqlerr.New(sqlerr.InvalidBinaryRepresentation, `invalid external "cidr" value`).WithDetail("Value has bits set to right of mask.")
	}
	return v, nil
}

// ParseMACAddr reads a macaddr: six bytes in hexadecimal digits, apart by colons, hyphens or dots in PostgreSQL's ways, or together. Errors: 22P02.
func ParseMACAddr(s string) ([6]byte, error) {
	var out [6]byte
	p := strings.ToLower(trimSpace(s))
	bad := badSyntax("macaddr", s)
	for _, form := range []string{"xx:xx:xx:xx:xx:xx", "xx-xx-xx-xx-xx-xx", "xxxxxx:xxxxxx", "xxxxxx-xxxxxx", "xxxx.xxxx.xxxx", "xxxx-xxxx-xxxx", "xxxxxxxxxxxx"} {
		if len(form) != len(p) {
			continue
		}
		n, ok := 0, true
		for i := range len(p) {
			if form[i] != 'x' {
				ok = ok && form[i] == p[i]
				continue
			}
			v, hex := hexValue(p[i])
			if ok = ok && hex; ok {
				out[n/2] = out[n/2]<<4 | v
				n++
			}
		}
		if ok {
			return out, nil
		}
		out = [6]byte{}
	}
	return looseMAC(p, bad)
}

// looseMAC reads bytes of one or two digits between colons or hyphens.
func looseMAC(p string, bad error) (out [6]byte, err error) {
	for _, sep := range []string{":", "-"} {
		parts := strings.Split(p, sep)
		if len(parts) != 6 {
			continue
		}
		for i, x := range parts {
			v, err := strconv.ParseUint(x, 16, 8)
			if err != nil || len(x) > 2 {
				return out, bad
			}
			out[i] = byte(v)
		}
		return out, nil
	}
	return out, bad
}

// AppendMACAddr appends the text of six bytes.
func AppendMACAddr(dst, v []byte) []byte {
	for i, b := range v {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

// parseNet reads the text of an inet, cidr or macaddr into the bytes that columns have.
func parseNet(s string, t Type) ([]byte, error) {
	if t.OID == MACAddr.OID {
		v, err := ParseMACAddr(s)
		return v[:], err
	}
	v, err := ParseInet(s, t.OID == CIDR.OID)
	if err != nil {
		return nil, err
	}
	return v.Append(nil), nil
}

func parseNetBinary(data []byte, t Type) ([]byte, error) {
	if t.OID == MACAddr.OID {
		if len(data) != 6 {
			return nil, badBinary()
		}
		return data, nil
	}
	v, err := parseInetBinary(data, t.OID == CIDR.OID)
	if err != nil {
		return nil, err
	}
	return v.Append(nil), nil
}

func (t Type) isNet() bool { return t.OID == Inet.OID || t.OID == CIDR.OID || t.OID == MACAddr.OID }

func appendNetText(dst, v []byte, t Type) []byte {
	if t.OID == MACAddr.OID {
		return AppendMACAddr(dst, v)
	}
	return append(dst, DecodeInet(v).Text(t.OID == CIDR.OID)...)
}

func appendNetBinary(dst, v []byte, t Type) []byte {
	if t.OID == MACAddr.OID {
		return append(dst, v...)
	}
	return DecodeInet(v).AppendBinary(dst, t.OID == CIDR.OID)
}
