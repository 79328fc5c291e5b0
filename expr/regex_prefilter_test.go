package expr

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
)

// TestPrefilter compares the search that begins at the prefilter's place with the one over the whole text.
func TestPrefilter(t *testing.T) {
	const seed = 3
	r := rand.New(rand.NewPCG(seed, 0))
	patterns := []string{
		`(&|^)ab=([^&]*)`, `^ab`, `(?m)^ab$`, `.?.?ab.`, `\bab\b`, `(x|yy)?ab+`, `[^a]{0,2}ab(ab)*`, `(?i)x?ab`, `ab|&ab`, `.ab=`, `é?ab`,
		`a*ab`, `(ab)+=`, `ab(?s:.)b`, `$|ab`, `.{2}ab`, `(?:é|&&)ab`, `\Bab`,
	}
	letters := []rune("aabb=&é\nx 😀")
	for _, p := range patterns {
		re := regexp.MustCompile(p)
		re.Longest()
		x := &regex{Regexp: re, pre: newPrefilter(p)}
		for range 4000 {
			s := make([]rune, r.IntN(14))
			for i := range s {
				s[i] = letters[r.IntN(len(letters))]
			}
			got, _ := x.submatches(string(s))
			want := re.FindStringSubmatchIndex(string(s))
			if found, _ := x.matches(string(s)); !slices.Equal(got, want) || found != (want != nil) {
				t.Fatalf("seed %d: %q in %q: %v, want %v (prefilter %+v)", seed, p, string(s), got, want, x.pre)
			}
		}
	}
	if p := newPrefilter(`(&|^)channel_id=([^&]*)`); p.text != "channel_id=" {
		t.Errorf("prefilter of q21: %+v", p)
	}
}
