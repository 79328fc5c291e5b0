package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// trim gives back the pages of the program file that were only needed to start: the kernel maps 64 kB around each one that is touched, and the
// TiDB parser's tables and Arrow's kernels are large. They are read-only, so one that is wanted again is read again.
func trim() {
	exe, err := os.Executable()
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := strings.Fields(sc.Text())
		if len(line) < 6 || line[5] != exe || line[1] != "r-xp" && line[1] != "r--p" {
			continue
		}
		if from, to, ok := addresses(line[0]); ok {
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
