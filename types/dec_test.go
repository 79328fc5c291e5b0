package types

import (
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestNumericGolden compares with PostgreSQL 15: testdata/numeric.tsv has operation, operands and result or error.
func TestNumericGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/numeric.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		p := strings.Split(line, "\t")
		if got := numericOp(t, p[0], p[1], p[2]); got != p[3] {
			t.Errorf("line %d: %s %s %s: got %s, want %s", n+1, p[0], p[1], p[2], got, p[3])
		}
	}
}

func dec(t *testing.T, s string) Dec {
	t.Helper()
	if s == "" {
		return Dec{}
	}
	d, err := ParseDec(s)
	if err != nil {
		t.Fatal(err)
	}
	return DecodeDec(d.Append(nil))
}

func numericOp(t *testing.T, op, x, y string) string {
	a, b := dec(t, x), dec(t, y)
	var r Dec
	var err error
	switch op {
	case "add":
		r = a.Add(b)
	case "sub":
		r = a.Sub(b)
	case "mul":
		r = a.Mul(b)
	case "neg":
		r = a.Neg()
	case "abs":
		r = a.Abs()
	case "ceil":
		r = a.Ceil()
	case "floor":
		r = a.Floor()
	case "round", "trunc":
		n, _ := b.ToInt64()
		if r = a.Round(int32(n)); op == "trunc" {
			r = a.Trunc(int32(n))
		}
	case "cmp":
		return strconv.Itoa(cmpOrdered(a.Cmp(b), 0))
	case "float8":
		return string(AppendFloat8(nil, a.ToFloat64(), 1))
	case "int8":
		var v int64
		v, err = a.ToInt64()
		r = FromInt64(v)
	case "fromfloat8":
		f, _ := ParseFloat(x, 64)
		r = FromFloat64(f)
	case "fromfloat4":
		f, _ := ParseFloat(x, 32)
		r = FromFloat32(float32(f))
	default:
		r, err = numericMath(op, a, b)
	}
	if err != nil {
		return "ERROR " + errCode(err) + " " + err.Error()
	}
	return r.String()
}

func numericMath(op string, a, b Dec) (Dec, error) {
	switch op {
	case "div":
		return a.Div(b)
	case "mod":
		return a.Mod(b)
	case "divtrunc":
		return a.DivTrunc(b)
	case "sqrt":
		return a.Sqrt()
	case "exp":
		return a.Exp()
	case "ln":
		return a.Ln()
	case "log":
		return a.Log(FromInt64(10))
	case "logb":
		return a.Log(b)
	}
	return a.Power(b)
}

// randomNumeric is the text of a random numeric of up to 40 digits.
func randomNumeric(r *rand.Rand) string {
	n := 1 + r.Intn(40)
	b := make([]byte, 0, n+2)
	if r.Intn(3) == 0 {
		b = append(b, '-')
	}
	point := r.Intn(n + 1)
	for i := range n {
		if i == point {
			if i == 0 {
				b = append(b, '0')
			}
			b = append(b, '.')
		}
		b = append(b, byte('0'+r.Intn(10)))
	}
	return string(b)
}

func TestNumericRoundTrips(t *testing.T) {
	seed := int64(42)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	for range 3000 {
		d := dec(t, randomNumeric(r))
		if s := d.String(); dec(t, s).String() != s {
			t.Fatalf("text of %s", s)
		}
		back, err := ParseDecBinary(d.AppendBinary(nil))
		if err != nil || back.String() != d.String() {
			t.Fatalf("binary of %s: %s %v", d, back, err)
		}
		if c := d.Round(d.Scale() + int32(r.Intn(30))); c.Cmp(d) != 0 || string(c.Canonical().Append(nil)) != string(d.Canonical().Append(nil)) {
			t.Fatalf("canonical form of %s and %s", d, c)
		}
		e := dec(t, randomNumeric(r))
		if sum := d.Add(e).Sub(e); sum.Cmp(d) != 0 {
			t.Fatalf("%s + %s - itself = %s", d, e, sum)
		}
		if big := (Dec{big: d.Coef(), scale: d.scale}); big.Cmp(d) != 0 || big.Mul(e).Cmp(d.Mul(e)) != 0 {
			t.Fatalf("slow path of %s", d)
		}
	}
}

func TestInt128(t *testing.T) {
	for _, c := range []struct {
		hi   int64
		lo   uint64
		want string
	}{{0, 5, "0.05"}, {-1, ^uint64(0), "-0.01"}, {0, 1 << 63, "92233720368547758.08"}, {-1, 0, "-184467440737095516.16"}, {1, 0, "184467440737095516.16"}} {
		if got := FromInt128(c.hi, c.lo, 2).String(); got != c.want {
			t.Errorf("%d %d: %s, want %s", c.hi, c.lo, got, c.want)
		}
	}
}
