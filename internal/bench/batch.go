package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// batchQueries run over ten million bids, %[1]s, in streamsqld, in DuckDB and in PostgreSQL alike. Their results are integers.
var batchQueries = []struct{ what, sql string }{
	{"filter and aggregate by auction", `SELECT auction, count(*), sum(price), max(price) FROM %[1]s WHERE price > 20000 GROUP BY auction ORDER BY 3 DESC, 1 LIMIT 3`},
	{"join with 10,000 rows, aggregate by category", `SELECT category, count(*), sum(price) FROM %[1]s JOIN auctions USING (auction) GROUP BY category ORDER BY 1 LIMIT 3`},
	{"the 10 highest", `SELECT auction, bidder, price FROM %[1]s ORDER BY price DESC, bidder, auction LIMIT 10`},
}

// batchSources are where the bids lie: ours is a relation of the server, duck what DuckDB reads.
var batchSources = []struct{ what, ours, duck string }{
	{"in the server", "bids", "bids"},
	{"Parquet files", "parquet_bids", "'%[1]s/parquet/*.parquet'"},
	{"JSON files", "json_bids", "(SELECT * FROM " + strings.ReplaceAll(duckBids, "%[1]s", "%[1]s/bids*") + ")"},
}

const bidColumns = `(auction bigint, bidder bigint, price bigint, channel text, "dateTime" timestamptz, url text)`

// batchResult is one query over one source; a time of 0 was not measured.
type batchResult struct {
	query, source        string
	ours, duck, postgres time.Duration
}

// batch compares SELECTs over ten million rows: those of the bids' files, twice.
func batch(base string) ([]batchResult, error) {
	if err := prepareBatch(base); err != nil {
		return nil, err
	}
	cmd, c, _, err := serve(filepath.Join(base, "batch-data"))
	if err != nil {
		return nil, err
	}
	var out []batchResult
	for _, src := range batchSources {
		for _, q := range batchQueries {
			r := batchResult{query: q.what, source: src.what}
			for range *rounds {
				d, err := duckdb(fmt.Sprintf(q.sql, strings.ReplaceAll(src.duck, "%[1]s", base)), batchSetup(base, src.duck == "bids")...)
				if err != nil {
					return nil, err
				}
				began := time.Now()
				rows, err := exeRows(c, fmt.Sprintf(q.sql, src.ours))
				if err != nil {
					return nil, err
				}
				r.ours, r.duck = least(r.ours, time.Since(began)), least(r.duck, d.took)
				if rows != d.rows {
					return nil, fmt.Errorf("%s, %s: the results differ:\n%s\n---\n%s", q.what, src.what, rows, d.rows)
				}
			}
			out = append(out, r)
			log.Printf("%s, %s: streamsqld %s   DuckDB %s", r.query, r.source, ms(r.ours), ms(r.duck))
		}
	}
	if err := stop(cmd); err != nil {
		return nil, err
	}
	return out, inPostgres(base, out)
}

// batchSetup is what DuckDB needs before a query: its own tables.
func batchSetup(base string, table bool) []string {
	list := []string{"CREATE TABLE auctions AS SELECT i AS auction, i % 20 AS category FROM range(1000, 11000) r(i)"}
	if table {
		list = append(list, fmt.Sprintf("CREATE TABLE bids AS SELECT * FROM '%s/parquet/*.parquet'", base))
	}
	return list
}

// prepareBatch writes the files and fills a server's data directory, unless that was done.
func prepareBatch(base string) error {
	data, parquet := filepath.Join(base, "batch-data"), filepath.Join(base, "parquet")
	if _, err := os.Stat(filepath.Join(base, "bids2")); err == nil {
		return nil
	}
	if err := clear(data, parquet); err != nil {
		return err
	}
	if err := os.Mkdir(parquet, 0o755); err != nil {
		return err
	}
	all := strings.ReplaceAll(duckBids, "%[1]s", filepath.Join(base, "bids"))
	for _, name := range []string{"a", "b"} {
		if _, err := duckdb(fmt.Sprintf("COPY (SELECT * FROM %s) TO '%s/%s.parquet' (FORMAT parquet)", all, parquet, name)); err != nil {
			return err
		}
	}
	if err := os.Symlink(filepath.Join(base, "bids"), filepath.Join(base, "bids2")); err != nil {
		return err
	}
	cmd, c, _, err := serve(data)
	if err != nil {
		return err
	}
	if err := each(c, "CREATE STREAM bids "+bidColumns, "CREATE TABLE auctions (auction bigint PRIMARY KEY, category int)",
		"INSERT INTO auctions SELECT i, i % 20 FROM generate_series(1000, 10999) i",
		fmt.Sprintf("CREATE STREAM parquet_bids %s WITH (connector = 'file', path = '%s', format = 'parquet')", bidColumns, parquet),
		fmt.Sprintf("CREATE STREAM json_bids %s WITH (connector = 'file', path = '%s/bids*', format = 'json')", bidColumns, base),
		"INSERT INTO bids SELECT * FROM parquet_bids"); err != nil {
		return err
	}
	return stop(cmd)
}

// inPostgres runs the queries in the PostgreSQL of -postgres, if there is one, over an unlogged table.
func inPostgres(base string, results []batchResult) error {
	if *postgres == "" {
		return nil
	}
	c, err := pgconn.Connect(context.Background(), *postgres)
	if err != nil {
		return err
	}
	defer c.Close(context.Background())
	csv := filepath.Join(base, "bids.csv")
	if _, err := duckdb(fmt.Sprintf("COPY (SELECT * FROM '%s/parquet/*.parquet') TO '%s' (FORMAT csv, HEADER false)", base, csv)); err != nil {
		return err
	}
	f, err := os.Open(csv)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := each(c, "DROP TABLE IF EXISTS bids, auctions", "CREATE UNLOGGED TABLE bids "+bidColumns,
		"CREATE TABLE auctions AS SELECT i::bigint AS auction, i % 20 AS category FROM generate_series(1000, 10999) i"); err != nil {
		return err
	}
	if _, err := c.CopyFrom(context.Background(), f, "COPY bids FROM STDIN (FORMAT csv)"); err != nil {
		return err
	}
	if err := each(c, "VACUUM ANALYZE bids", "ANALYZE auctions"); err != nil {
		return err
	}
	for i := range batchQueries {
		for range *rounds {
			began := time.Now()
			if _, err := exe(c, fmt.Sprintf(batchQueries[i].sql, "bids")); err != nil {
				return err
			}
			results[i].postgres = least(results[i].postgres, time.Since(began))
		}
		log.Printf("%s: PostgreSQL %s", results[i].query, ms(results[i].postgres))
	}
	return os.Remove(csv)
}

// least is the smaller time; 0 is none.
func least(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// exeRows gives a result as lines of values with bars between them.
func exeRows(c *pgconn.PgConn, sql string) (string, error) {
	all, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		return "", fmt.Errorf("%s: %w", sql, err)
	}
	var lines []string
	for _, row := range all[len(all)-1].Rows {
		lines = append(lines, strings.Join(texts(row), "|"))
	}
	return strings.Join(lines, "\n"), nil
}

func texts(row [][]byte) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = string(v)
	}
	return out
}
