package lawtest

import (
	"math"
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

// near says whether two floats differ by their last digits only, or by slack.
func near(x, y string, slack float64) bool {
	f, err1 := strconv.ParseFloat(strings.TrimSpace(x), 64)
	g, err2 := strconv.ParseFloat(strings.TrimSpace(y), 64)
	if err1 != nil || err2 != nil || math.IsInf(f, 0) || math.IsInf(g, 0) {
		return false
	}
	return math.Abs(f-g) <= max(1e-12*max(math.Abs(f), math.Abs(g)), slack)
}
