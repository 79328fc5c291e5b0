package expr

import (
	"math/big"
	"net/netip"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func inetOf(s string) types.InetValue { return types.DecodeInet([]byte(s)) }

func inetBytes(p netip.Prefix) string { return string(types.InetValue{Prefix: p}.Append(nil)) }

// within says whether a lies in the network of b; or equal: they may be the same.
func within(a, b string, equal bool) bool {
	x, y := inetOf(a), inetOf(b)
	if x.Addr().BitLen() != y.Addr().BitLen() || x.Bits() < y.Bits() || !equal && x.Bits() == y.Bits() {
		return false
	}
	return y.Masked().Contains(x.Addr())
}

// inetFuncs are the operators and functions on network addresses.
func inetFuncs() []*Func {
	N, C, B, I, L, X := types.Inet, types.CIDR, types.Bool, types.Int4, types.Int8, types.Text
	onAddr := func(name string, f func(types.InetValue) string, doc string) *Func {
		return p1(name, N, X, func(s string) string { return f(inetOf(s)) }, doc)
	}
	fs := []*Func{
		p2("<<", N, N, B, func(a, b string) bool { return within(a, b, false) }, "is contained in a network"),
		p2("<<=", N, N, B, func(a, b string) bool { return within(a, b, true) }, "is contained in a network or equal"),
		p2(">>", N, N, B, func(a, b string) bool { return within(b, a, false) }, "contains a network"),
		p2(">>=", N, N, B, func(a, b string) bool { return within(b, a, true) }, "contains a network or equal"),
		p2("&&", N, N, B, func(a, b string) bool { return within(a, b, true) || within(b, a, true) }, "one network contains the other"),
		onAddr("host", func(v types.InetValue) string { return v.Host() }, "address without its network"),
		onAddr("text", func(v types.InetValue) string { return v.Full() }, "address and bits of its network"),
		onAddr("abbrev", func(v types.InetValue) string { return v.Text(false) }, "short text"),
		p1("abbrev", C, X, func(s string) string { return abbrevCIDR(inetOf(s)) }, "short text"),
		p1("masklen", N, I, func(s string) int32 { return int32(inetOf(s).Bits()) }, "bits of the network"),
		p1("family", N, I, func(s string) int32 { return int32(s[0]) }, "4 or 6"),
		p1("network", N, C, func(s string) string { return inetBytes(inetOf(s).Masked()) }, "network of an address"),
		p1("netmask", N, N, func(s string) string { return maskOf(inetOf(s), false) }, "mask of the network"),
		p1("hostmask", N, N, func(s string) string { return maskOf(inetOf(s), true) }, "mask of the addresses in the network"),
		p1("broadcast", N, N, func(s string) string {
			v := inetOf(s)
			a, m := v.Addr().AsSlice(), inetOf(maskOf(v, true)).Addr().AsSlice()
			for i := range a {
				a[i] |= m[i]
			}
			return inetBytes(netip.PrefixFrom(addrOf(a), v.Bits()))
		}, "broadcast address of the network"),
		p2("inet_same_family", N, N, B, func(a, b string) bool { return a[0] == b[0] }, "whether both are IPv4 or both IPv6"),
		f2("inet_merge", N, N, C, inetMerge, "smallest network that contains both"),
		p1("~", N, N, func(s string) string {
			v := inetOf(s)
			a := v.Addr().AsSlice()
			for i := range a {
				a[i] = ^a[i]
			}
			return inetBytes(netip.PrefixFrom(addrOf(a), v.Bits()))
		}, "bitwise not"),
		f2("&", N, N, N, inetBitwise("AND", func(a, b byte) byte { return a & b }), "bitwise and"),
		f2("|", N, N, N, inetBitwise("OR", func(a, b byte) byte { return a | b }), "bitwise or"),
		f2("+", N, L, N, func(_ *Ctx, s string, n int64) (string, error) { return inetPlus(s, n) }, "address further on"),
		f2("+", L, N, N, func(_ *Ctx, n int64, s string) (string, error) { return inetPlus(s, n) }, "address further on"),
		f2("-", N, L, N, func(_ *Ctx, s string, n int64) (string, error) { return inetPlus(s, -n) }, "address before"),
		f2("-", N, N, L, inetMinus, "distance of addresses"),
	}
	for _, t := range []types.Type{N, C} {
		fs = append(fs, f2("set_masklen", t, I, t, func(_ *Ctx, s string, n int32) (string, error) {
			v := inetOf(s)
			if n == -1 {
				n = int32(v.Addr().BitLen())
			}
			if n < 0 || int(n) > v.Addr().BitLen() {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid mask length: %d", n)
			}
			p := netip.PrefixFrom(v.Addr(), int(n))
			if t.Is(C) {
				p = p.Masked()
			}
			return inetBytes(p), nil
		}, "another number of bits"))
	}
	return append(fs, macFuncs()...)
}

func macFuncs() []*Func {
	M := types.MACAddr
	both := func(name string, op func(a, b byte) byte, doc string) *Func {
		return p2(name, M, M, M, func(a, b string) string {
			out := []byte(a)
			for i := range out {
				out[i] = op(out[i], b[i])
			}
			return string(out)
		}, doc)
	}
	return []*Func{
		both("&", func(a, b byte) byte { return a & b }, "bitwise and"),
		both("|", func(a, b byte) byte { return a | b }, "bitwise or"),
		p1("~", M, M, func(s string) string {
			out := []byte(s)
			for i := range out {
				out[i] = ^out[i]
			}
			return string(out)
		}, "bitwise not"),
		p1("trunc", M, M, func(s string) string { return s[:3] + "\x00\x00\x00" }, "maker's part of the address"),
	}
}

func addrOf(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// maskOf is the mask of an address' network, or of what is behind it.
func maskOf(v types.InetValue, host bool) string {
	n := v.Addr().BitLen()
	b := make([]byte, n/8)
	for i := range n {
		if (i < v.Bits()) != host {
			b[i/8] |= 1 << (7 - i%8)
		}
	}
	return inetBytes(netip.PrefixFrom(addrOf(b), n))
}

// abbrevCIDR leaves the zero bytes at the end of an IPv4 network out.
func abbrevCIDR(v types.InetValue) string {
	if !v.Addr().Is4() {
		full := v.Full()
		if head, ok := strings.CutSuffix(full[:strings.IndexByte(full, '/')], "::"); ok && head != "" && strings.Count(head, ":") == (v.Bits()+15)/16-1 {
			return head + full[strings.IndexByte(full, '/'):]
		}
		return full
	}
	b := v.Addr().As4()
	out := strconv.Itoa(int(b[0]))
	for i := 1; i < (v.Bits()+7)/8; i++ {
		out += "." + strconv.Itoa(int(b[i]))
	}
	return out + "/" + strconv.Itoa(v.Bits())
}

func inetMerge(_ *Ctx, a, b string) (string, error) {
	x, y := inetOf(a), inetOf(b)
	if x.Addr().BitLen() != y.Addr().BitLen() {
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "cannot merge addresses from different families")
	}
	bits := min(x.Bits(), y.Bits())
	for !netip.PrefixFrom(x.Addr(), bits).Masked().Contains(y.Addr()) {
		bits--
	}
	return inetBytes(netip.PrefixFrom(x.Addr(), bits).Masked()), nil
}

func inetBitwise(word string, op func(a, b byte) byte) func(*Ctx, string, string) (string, error) {
	return func(_ *Ctx, a, b string) (string, error) {
		x, y := inetOf(a), inetOf(b)
		if x.Addr().BitLen() != y.Addr().BitLen() {
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "cannot %s inet values of different sizes", word)
		}
		p, q := x.Addr().AsSlice(), y.Addr().AsSlice()
		for i := range p {
			p[i] = op(p[i], q[i])
		}
		return inetBytes(netip.PrefixFrom(addrOf(p), max(x.Bits(), y.Bits()))), nil
	}
}

func inetPlus(s string, n int64) (string, error) {
	v := inetOf(s)
	b := v.Addr().AsSlice()
	sum := new(big.Int).Add(new(big.Int).SetBytes(b), big.NewInt(n))
	if sum.Sign() < 0 || sum.BitLen() > v.Addr().BitLen() {
		return "", sqlerr.New(sqlerr.NumericValueOutOfRange, "result is out of range")
	}
	return inetBytes(netip.PrefixFrom(addrOf(sum.FillBytes(b)), v.Bits())), nil
}

func inetMinus(_ *Ctx, a, b string) (int64, error) {
	x, y := inetOf(a), inetOf(b)
	if x.Addr().BitLen() != y.Addr().BitLen() {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot subtract inet values of different sizes")
	}
	d := new(big.Int).Sub(new(big.Int).SetBytes(x.Addr().AsSlice()), new(big.Int).SetBytes(y.Addr().AsSlice()))
	if !d.IsInt64() {
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "result is out of range")
	}
	return d.Int64(), nil
}

// castInet converts network addresses: to a network by its bits, to text with the bits.
func castInet(to types.Type) Kernel {
	if to.Is(types.CIDR) {
		return row1(to, func(_ *Ctx, s string) (string, error) { return inetBytes(inetOf(s).Masked()), nil })
	}
	return row1(to, func(_ *Ctx, s string) (string, error) { return inetOf(s).Full(), nil })
}
