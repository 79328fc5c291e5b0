package nexmark

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// Shape of the files of the speed comparison.
const (
	bidsHot      = 10000 // auctions
	bidsDisorder = 2000  // ms
	bidsSeed     = 42
)

// bidsStart is the event time of the first bid.
var bidsStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// WriteBids writes n bids as lines of JSON, {"auction","bidder","price","channel","dateTime","url"} of about 180 bytes, into files
// dir/bids-000.json and so on, the same ones every time. Event time goes on by 1 ms a bid, with up to 2 s of disorder; the auctions
// are 10,000, all as likely. The files' modification times are in their order. It gives the bytes written.
func WriteBids(dir string, n, files int) (int64, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	g := &generator{seed: bidsSeed, start: startMSec, rate: 100}
	g.channels()
	sizes := make([]int64, files)
	errs := make([]error, files)
	var group sync.WaitGroup
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	for k := range files {
		group.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			path := filepath.Join(dir, fmt.Sprintf("bids-%03d.json", k))
			sizes[k], errs[k] = g.writeBids(path, int64(n)*int64(k)/int64(files), int64(n)*int64(k+1)/int64(files))
			if errs[k] == nil {
				when := bidsStart.Add(time.Duration(k) * time.Second)
				errs[k] = os.Chtimes(path, when, when)
			}
		})
	}
	group.Wait()
	total := int64(0)
	for _, s := range sizes {
		total += s
	}
	return total, errors.Join(errs...)
}

// writeBids writes the bids [from, to) to a file.
func (g *generator) writeBids(path string, from, to int64) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	size := int64(0)
	var line []byte
	for n := from; n < to; n++ {
		line = g.appendBid(line[:0], n)
		size += int64(len(line))
		if _, err := w.Write(line); err != nil {
			return 0, err
		}
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	return size, f.Close()
}

// appendBid appends bid n.
func (g *generator) appendBid(dst []byte, n int64) []byte {
	r := newDraw(g.seed, 1<<42+n)
	dst = append(dst, `{"auction":`...)
	dst = strconv.AppendInt(dst, int64(firstID+r.below(bidsHot)), 10)
	dst = append(dst, `,"bidder":`...)
	dst = strconv.AppendInt(dst, int64(firstID+r.below(bidsHot)), 10)
	dst = append(dst, `,"price":`...)
	dst = strconv.AppendInt(dst, int64(100+r.below(100000)), 10)
	channel := r.below(channels)
	dst = append(append(dst, `,"channel":"`...), g.names[channel]...)
	dst = append(dst, `","dateTime":"`...)
	at := bidsStart.Add(time.Duration(n-int64(r.below(bidsDisorder))) * time.Millisecond)
	dst = at.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	dst = append(append(dst, `","url":"`...), g.urls[channel]...)
	return append(dst, "\"}\n"...)
}
