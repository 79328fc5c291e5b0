package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/sql/parser"
)

const accessLog = `10.0.0.1 - - [01/Jan/2026:00:00:01 +0000] "GET / HTTP/1.1" 200 512
10.0.0.2 - - [01/Jan/2026:00:00:09 +0000] "GET /cart HTTP/1.1" 503 17
10.0.0.1 - - [01/Jan/2026:00:02:00 +0000] "GET /cart HTTP/1.1" 200 900
garbage
`

// TestReadme types the README's SQL into a real server, with the directories and the port of this test, and looks at what comes of it.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	spool := filepath.Join(dir, "spool")
	if err := os.Mkdir(spool, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(spool, "access.log"), []byte(accessLog), 0o644); err != nil {
		t.Fatal(err)
	}
	nc, err := net.Listen("tcp", "127.0.0.1:0") // netcat
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	go func() {
		c, err := nc.Accept()
		if err == nil {
			fmt.Fprint(c, "to be or not\nTo BE\n")
			time.Sleep(time.Minute)
		}
	}()
	_, port, _ := net.SplitHostPort(nc.Addr().String())
	d := &daemon{t: t, bin: binary(t), dir: filepath.Join(dir, "data"), port: freePort(t)}
	c := d.start()
	blocks := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 5 {
		t.Fatalf("only %d blocks of SQL", len(blocks))
	}
	for _, b := range blocks {
		sql := strings.NewReplacer("/tmp/spool", spool, "/tmp/hot", filepath.Join(dir, "hot"), "port = 9000", "port = "+port).Replace(b[1])
		list, err := parser.Parse(sql)
		if err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		for _, st := range list {
			mustExec(t, c, st.Text)
		}
	}
	for sql, want := range map[string]string{
		"SELECT string_agg(word || n, ' ' ORDER BY n DESC, word) FROM words": "be2 to2 not1 or1",
		"SELECT path || ' ' || errors FROM errors_per_minute":                "/cart 1",
		"SELECT raw FROM streamsql.dead_letters LIMIT 1":                     "garbage",
		"SELECT count(*) > 10 FROM hot_back":                                 "t",
	} {
		got := ""
		for deadline := time.Now().Add(10 * time.Second); got != want && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if r := mustExec(t, c, sql); len(r[0].Rows) > 0 {
				got = string(r[0].Rows[0][0])
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	c.Close(context.Background())
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, d.log.String())
	}
}
