package lawtest

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// nearRows says whether rows are the same but for the last digits of floating point.
func nearRows(a, b *result) bool {
	if len(a.rows) != len(b.rows) {
		return false
	}
	for i := range a.rows {
		for j := range a.rows[i] {
			if x, y := a.rows[i][j], b.rows[i][j]; x != y && !((a.oids[j] == 700 || a.oids[j] == 701) && near(x, y, 0)) {
				return false
			}
		}
	}
	return true
}

// sameButFloats says whether rows, in some order, are the same but for what rounding leaves of floats.
func sameButFloats(a, b *result) bool {
	order := func(r *result) [][]string {
		rows := slices.Clone(r.rows)
		key := func(row []string) string {
			var out []string
			for i, v := range row {
				if r.oids[i] == 701 || r.oids[i] == 700 {
					f, _ := strconv.ParseFloat(v, 64)
					v = strconv.FormatFloat(math.Round(f*1e6)/1e6+0, 'f', 6, 64)
				}
				out = append(out, v)
			}
			return strings.Join(out, "|")
		}
		slices.SortFunc(rows, func(x, y []string) int { return strings.Compare(key(x), key(y)) })
		return rows
	}
	x, y := order(a), order(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		for j := range x[i] {
			if x[i][j] != y[i][j] && !((a.oids[j] == 700 || a.oids[j] == 701) && near(x[i][j], y[i][j], 1e-12)) {
				return false
			}
		}
	}
	return true
}

// near says whether two floats differ by their last digits only, or by slack.
func near(x, y string, slack float64) bool {
	f, err1 := strconv.ParseFloat(strings.TrimSpace(x), 64)
	g, err2 := strconv.ParseFloat(strings.TrimSpace(y), 64)
	if err1 != nil || err2 != nil || math.IsInf(f, 0) || math.IsInf(g, 0) {
		return false
	}
	return math.Abs(f-g) <= max(1e-12*max(math.Abs(f), math.Abs(g)), slack)
}
