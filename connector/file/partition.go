package file

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// nullPartition stands for NULL in the name of a directory.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// partitionBy gives the places of the columns in a list of their names.
func partitionBy(cols []catalog.Column, list string) (at []int, err error) {
	for _, name := range strings.Split(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		i := slices.IndexFunc(cols, func(c catalog.Column) bool { return c.Name == name && !c.Hidden && !c.Dropped })
		if i < 0 {
			e := sqlerr.New(sqlerr.UndefinedColumn, "column %q named in option \"partition_by\" does not exist", name)
			e.Column = "partition_by"
			return nil, e
		}
		at = append(at, i)
	}
	return at, nil
}

// dirColumn is a directory column=value on the way to a file.
type dirColumn struct {
	name, value string
	null        bool
}

// dirColumns gives the directories column=value below root (a directory, or a glob: below what it matches) that lead to a file.
func dirColumns(root, path string) []dirColumn {
	if isGlob(root) {
		parts := strings.Split(path, "/")
		path = strings.Join(parts[min(strings.Count(root, "/")+1, len(parts)):], "/")
	} else if rel, err := filepath.Rel(root, path); err == nil {
		path = rel
	}
	var out []dirColumn
	for _, dir := range strings.Split(filepath.Dir(path), "/") {
		name, value, ok := strings.Cut(dir, "=")
		if !ok || name == "" {
			continue
		}
		out = append(out, dirColumn{unescaped(name), unescaped(value), value == nullPartition})
	}
	return out
}

// unescaped reads %XX; what is none stays.
func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// layout says where the columns of a relation are in a file.
type layout struct {
	cols []catalog.Column  // those in the file
	col  []int             // of a column of the relation: its place in cols, -1 where it is not in the file
	dirs map[int]dirColumn // of a column of the relation: the directory that has its value
}

// newLayout is that of files in some directories. The columns at parts are in no file: NULL where no directory has them.
func newLayout(rel *catalog.Relation, parts []int, dirs []dirColumn) *layout {
	l := &layout{dirs: map[int]dirColumn{}}
	for i, c := range rel.Columns {
		d := slices.IndexFunc(dirs, func(d dirColumn) bool { return strings.EqualFold(d.name, c.Name) })
		switch {
		case c.Hidden || c.Dropped || c.Generated != "":
			l.col = append(l.col, -1)
		case d >= 0:
			l.dirs[i] = dirs[d]
			l.col = append(l.col, -1)
		case slices.Contains(parts, i):
			l.dirs[i] = dirColumn{null: true}
			l.col = append(l.col, -1)
		default:
			l.col = append(l.col, len(l.cols))
			l.cols = append(l.cols, c)
		}
	}
	return l
}

// layout is that of a file: columns that its directories name are not looked for in it.
func (s *source) layout(e entry) *layout {
	if dirs := dirColumns(s.list.path, e.Path); len(dirs) > 0 {
		return newLayout(s.rel, s.parts, dirs)
	}
	return s.plain
}

// column is a column with the value of a directory.
func (d dirColumn) column(c catalog.Column, n int, e entry) (arrow.Array, error) {
	if d.null {
		if c.NotNull {
			return nil, sqlerr.New(sqlerr.NotNullViolation, "null value in column %q of the directory of %q violates not-null constraint", c.Name, e.Path)
		}
		return types.Nulls(c.Type, n), nil
	}
	b := types.NewBuilder(c.Type)
	if err := types.ParseText(b, d.value, c.Type, nil); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InvalidTextRepresentation, "column %q of the directory of %q: %v", c.Name, e.Path, err)
	}
	return types.Repeat(b.NewArray(), n), nil
}

// inferDirs adds the columns of the directories of files to cols: bigint or date where all values are, else text.
func inferDirs(cols []catalog.Column, root string, files []entry) []catalog.Column {
	values := map[string][]string{}
	var names []string
	for _, e := range files {
		for _, d := range dirColumns(root, e.Path) {
			if _, ok := values[d.name]; !ok {
				names = append(names, d.name)
				values[d.name] = nil
			}
			if !d.null {
				values[d.name] = append(values[d.name], d.value)
			}
		}
	}
	for _, name := range names {
		cols = slices.DeleteFunc(cols, func(c catalog.Column) bool { return strings.EqualFold(c.Name, name) })
		cols = append(cols, catalog.Column{Name: name, Type: typeOfAll(values[name])})
	}
	return cols
}

func typeOfAll(values []string) types.Type {
	for _, t := range []types.Type{types.Int8, types.Date} {
		fits := func(v string) bool { return types.ParseText(types.NewBuilder(t), v, t, nil) == nil }
		if len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !fits(v) }) {
			return t
		}
	}
	return types.Text
}
