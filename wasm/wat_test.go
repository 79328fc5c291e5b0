package wasm

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// assemble makes a module of a small part of WebAssembly's text format: imported and own functions with flat instructions, one memory, globals, data.
func assemble(src string) []byte {
	a := &assembler{names: map[string]int{}, globals: map[string]int{}}
	a.toks = token.FindAllString(comment.ReplaceAllString(src, ""), -1)
	a.need("(", "module")
	for _, field := range a.fields() {
		a.field(field)
	}
	for _, f := range a.later {
		f()
	}
	return a.out()
}

var (
	comment = regexp.MustCompile(`;;[^\n]*`)
	token   = regexp.MustCompile(`"[^"]*"|[()]|[^\s()]+`)
)

type assembler struct {
	toks                                             []string
	names, globals                                   map[string]int
	types                                            [][]byte
	imports, funcs, mems, globs, exports, code, data [][]byte
	later                                            []func()
}

func (a *assembler) need(words ...string) {
	for _, w := range words {
		if a.toks[0] != w {
			panic(fmt.Sprintf("%q where %q is needed", a.toks[0], w))
		}
		a.toks = a.toks[1:]
	}
}

// fields cuts the bracketed lists that follow, without their outer brackets.
func (a *assembler) fields() [][]string {
	var out [][]string
	for len(a.toks) > 0 && a.toks[0] == "(" {
		depth, i := 0, 0
		for {
			switch a.toks[i] {
			case "(":
				depth++
			case ")":
				depth--
			}
			i++
			if depth == 0 {
				break
			}
		}
		out = append(out, a.toks[1:i-1])
		a.toks = a.toks[i:]
	}
	return out
}

func split(toks []string) (lists [][]string, rest []string) {
	a := &assembler{toks: toks}
	lists = a.fields()
	return lists, a.toks
}

func (a *assembler) field(f []string) {
	switch f[0] {
	case "import":
		lists, _ := split(f[3:])
		sig, _ := split(lists[0][2:])
		a.names[lists[0][1]] = len(a.names)
		a.imports = append(a.imports, join(str(f[1]), str(f[2]), []byte{0}, uleb(a.signature(sig, map[string]int{}))))
	case "memory":
		lists, rest := split(f[1:])
		a.export(lists[0][1], 2, 0)
		lo, _ := strconv.Atoi(rest[0])
		hi, _ := strconv.Atoi(rest[1])
		a.mems = append(a.mems, join([]byte{1}, uleb(lo), uleb(hi)))
	case "global":
		a.globals[f[1]] = len(a.globs)
		lists, _ := split(f[2:])
		n, _ := strconv.Atoi(lists[1][1])
		a.globs = append(a.globs, join([]byte{vtype(lists[0][1]), 1, 0x41}, sleb(int64(n)), []byte{0x0b}))
	case "data":
		lists, rest := split(f[1:])
		n, _ := strconv.Atoi(lists[0][1])
		a.data = append(a.data, join([]byte{0, 0x41}, sleb(int64(n)), []byte{0x0b}, str(rest[0])))
	case "func":
		a.function(f[1:])
	}
}

func (a *assembler) export(name string, kind byte, at int) {
	a.exports = append(a.exports, join(str(name), []byte{kind}, uleb(at)))
}

func (a *assembler) function(f []string) {
	at := len(a.imports) + len(a.funcs)
	if strings.HasPrefix(f[0], "$") {
		a.names[f[0]] = at
		f = f[1:]
	}
	lists, body := split(f)
	locals := map[string]int{}
	var sig [][]string
	var own []byte
	for _, l := range lists {
		switch l[0] {
		case "export":
			a.export(l[1], 0, at)
		case "local":
			own = append(own, vtype(l[2]))
			sig = append(sig, l)
		default:
			sig = append(sig, l)
		}
	}
	a.funcs = append(a.funcs, uleb(a.signature(sig, locals)))
	slot := len(a.code)
	a.code = append(a.code, nil)
	a.later = append(a.later, func() {
		out := uleb(len(own))
		for _, t := range own {
			out = append(out, 1, t)
		}
		out = append(join(out, a.body(body, locals)), 0x0b)
		a.code[slot] = join(uleb(len(out)), out)
	})
}

// signature gives the number of a function's type and names its parameters and locals.
func (a *assembler) signature(sig [][]string, locals map[string]int) int {
	var in, out []byte
	n := 0
	for _, l := range sig {
		switch {
		case l[0] == "result":
			out = append(out, vtype(l[1]))
		case strings.HasPrefix(l[1], "$"):
			locals[l[1]] = n
			n++
			if l[0] == "param" {
				in = append(in, vtype(l[2]))
			}
		default:
			for _, t := range l[1:] {
				in = append(in, vtype(t))
				n++
			}
		}
	}
	a.types = append(a.types, join([]byte{0x60}, uleb(len(in)), in, uleb(len(out)), out))
	return len(a.types) - 1
}

var opcodes = map[string][]byte{
	"unreachable": {0x00}, "block": {0x02, 0x40}, "loop": {0x03, 0x40}, "if": {0x04, 0x40}, "else": {0x05}, "end": {0x0b}, "br": {0x0c}, "br_if": {0x0d},
	"return": {0x0f}, "call": {0x10}, "local.get": {0x20}, "local.set": {0x21}, "local.tee": {0x22}, "global.get": {0x23}, "global.set": {0x24},
	"i64.load": {0x29, 0, 0}, "i32.load8_u": {0x2d, 0, 0}, "i64.store": {0x37, 0, 0}, "i32.store8": {0x3a, 0, 0}, "memory.size": {0x3f, 0}, "memory.grow": {0x40, 0},
	"i32.const": {0x41}, "i64.const": {0x42}, "f32.const": {0x43}, "f64.const": {0x44}, "i32.eqz": {0x45}, "i32.eq": {0x46}, "i32.ne": {0x47}, "i32.lt_s": {0x48},
	"i32.lt_u": {0x49}, "i32.gt_u": {0x4b}, "i32.ge_u": {0x4f}, "i64.eqz": {0x50}, "i32.add": {0x6a}, "i32.sub": {0x6b}, "i32.mul": {0x6c}, "i32.div_s": {0x6d},
	"i32.div_u": {0x6e}, "i32.and": {0x71}, "i64.add": {0x7c}, "i64.sub": {0x7d}, "i64.mul": {0x7e}, "i64.rem_s": {0x81}, "i64.or": {0x84}, "i64.shl": {0x86},
	"f32.mul": {0x94}, "f64.mul": {0xa2}, "i64.extend_i32_u": {0xad},
}

func (a *assembler) body(toks []string, locals map[string]int) []byte {
	var out []byte
	for i := 0; i < len(toks); i++ {
		op := toks[i]
		code, ok := opcodes[op]
		if !ok {
			panic("no instruction " + op)
		}
		out = append(out, code...)
		arg := func() string { i++; return toks[i] }
		switch {
		case op == "call":
			out = append(out, uleb(a.names[arg()])...)
		case strings.HasPrefix(op, "local."):
			out = append(out, uleb(locals[arg()])...)
		case strings.HasPrefix(op, "global."):
			out = append(out, uleb(a.globals[arg()])...)
		case strings.HasPrefix(op, "br"):
			n, _ := strconv.Atoi(arg())
			out = append(out, uleb(n)...)
		case op == "i32.const", op == "i64.const":
			n, _ := strconv.ParseInt(arg(), 10, 64)
			out = append(out, sleb(n)...)
		case op == "f32.const":
			v, _ := strconv.ParseFloat(arg(), 32)
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
		case op == "f64.const":
			v, _ := strconv.ParseFloat(arg(), 64)
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
		}
	}
	return out
}

func (a *assembler) out() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range []struct {
		id    byte
		items [][]byte
	}{{1, a.types}, {2, a.imports}, {3, a.funcs}, {5, a.mems}, {6, a.globs}, {7, a.exports}, {10, a.code}, {11, a.data}} {
		if len(s.items) == 0 {
			continue
		}
		b := append(uleb(len(s.items)), join(s.items...)...)
		out = append(out, s.id)
		out = append(out, join(uleb(len(b)), b)...)
	}
	return out
}

func vtype(s string) byte {
	return map[string]byte{"i32": 0x7f, "i64": 0x7e, "f32": 0x7d, "f64": 0x7c}[s]
}

func str(quoted string) []byte {
	s := strings.Trim(quoted, `"`)
	return append(uleb(len(s)), s...)
}

func join(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func uleb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func sleb(n int64) []byte {
	var out []byte
	for {
		b := byte(n & 0x7f)
		n >>= 7
		if n == 0 && b&0x40 == 0 || n == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}
