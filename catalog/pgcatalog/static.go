package pgcatalog

import (
	"embed"
	"strings"
	"sync"
)

// The rows of tables whose content is PostgreSQL 15's, as COPY writes them, cut down to the types of the server.
//
//go:embed data
var data embed.FS

func readData(name string) string {
	b, err := data.ReadFile("data/" + name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return string(b)
}

// hasData says whether there is a file of that name.
func hasData(name string) bool {
	f, err := data.Open("data/" + name)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// static gives the rows of a file of data; they are read once and must not be changed.
func static(name string) func() [][]any {
	return sync.OnceValue(func() [][]any {
		var rows [][]any
		for line := range strings.Lines(readData(name)) {
			var row []any
			for _, f := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
				if f == `\N` {
					row = append(row, nil)
				} else {
					row = append(row, f)
				}
			}
			rows = append(rows, row)
		}
		return rows
	})
}
