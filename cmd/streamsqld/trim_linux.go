package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// trim gives back the pages of the program file that were only needed to start: the kernel maps 64 kB around each one that is touched, and the
// TiDB parser's tables and Arrow's kernels are large. They are read-only, so one that is wanted again is read again. A mapping with pages that differ
// from the file (Anonymous) is left alone: the dynamic linker wrote there before it made them read-only, in a program that is linked with C or as PIE.
func trim() {
	exe, err := os.Executable()
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	var from, to uintptr
	ours := false
	for sc := bufio.NewScanner(f); sc.Scan(); {
		switch line := strings.Fields(sc.Text()); {
		case len(line) >= 6 && strings.Contains(line[0], "-"):
			from, to, ours = addresses(line[0])
			ours = ours && line[5] == exe && (line[1] == "r-xp" || line[1] == "r--p")
		case ours && len(line) == 3 && line[0] == "Anonymous:" && line[1] == "0":
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
		}
	}
}

// addresses reads "from-to", in hexadecimal.
func addresses(s string) (from, to uintptr, ok bool) {
	a, b, _ := strings.Cut(s, "-")
	lo, err1 := strconv.ParseUint(a, 16, 64)
	hi, err2 := strconv.ParseUint(b, 16, 64)
	return uintptr(lo), uintptr(hi), err1 == nil && err2 == nil && hi > lo
}
