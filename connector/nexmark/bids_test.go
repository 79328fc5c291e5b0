package nexmark

import (
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteBids(t *testing.T) {
	dir := t.TempDir()
	size, err := WriteBids(dir, 10000, 3)
	if err != nil {
		t.Fatal(err)
	}
	h := md5.New()
	lines := 0
	for k := range 3 {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("bids-%03d.json", k)))
		if err != nil {
			t.Fatal(err)
		}
		lines += strings.Count(string(b), "\n")
		h.Write(b)
	}
	if lines != 10000 || size/10000 < 170 || size/10000 > 195 {
		t.Errorf("%d lines of %d bytes", lines, size/10000)
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != "7f7549aaf5b131100df1062c1eb2c392" {
		t.Errorf("the bytes changed: %s", got)
	}
}
