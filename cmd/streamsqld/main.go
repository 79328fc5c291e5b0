package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/streamsqld/streamsqld/engine"
)

const description = `streamsqld is a streaming SQL server that PostgreSQL clients talk to.

Without a command it serves: connect with  psql -h 127.0.0.1 -p 5466  and begin with CREATE STREAM and CREATE MATERIALIZED VIEW.
A flag may also stand in a file (--config), as  name: value  in YAML or JSON.`

// cli is the command line.
type cli struct {
	Config    configFile `help:"Read flags from this YAML or JSON file. The command line goes before it." placeholder:"FILE"`
	LogFormat string     `help:"Log as text or json, to standard error." enum:"text,json" default:"text"`
	LogLevel  string     `help:"Log from this level on: debug, info, warn, error." enum:"debug,info,warn,error" default:"info"`

	Serve   serveCmd   `cmd:"" default:"withargs" help:"Serve PostgreSQL and HTTP clients (the default)."`
	Run     runCmd     `cmd:"" help:"Run a script without a server and print its results."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// logger makes the process's logger as the flags say.
func (c *cli) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return slog.New(slog.NewTextHandler(w, opts)), nil
}

func main() {
	tuneGC()
	var c cli
	parser := kong.Must(&c, kong.Name("streamsqld"), kong.Description(description), kong.Help(help),
		kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 110}))
	ctx, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	log, err := c.logger(os.Stderr)
	parser.FatalIfErrorf(err)
	slog.SetDefault(log)
	if err := ctx.Run(log); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// help prints kong's help, and at the top also the flags of serve, which is what runs without a command.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	if ctx.Selected() != nil && ctx.Selected().Name != "serve" || len(ctx.Args) > 0 && ctx.Args[0] == "serve" {
		return nil
	}
	fmt.Fprintln(ctx.Stdout, "\nFlags of serve, which may stand without the command:")
	for _, n := range ctx.Model.Children {
		for _, f := range n.Flags {
			if n.Name == "serve" {
				fmt.Fprintf(ctx.Stdout, "  --%-20s %s%s\n", f.Name, f.Help, ofDefault(f.Default))
			}
		}
	}
	return nil
}

func ofDefault(v string) string {
	if v == "" {
		return ""
	}
	return " (" + v + ")"
}

type versionCmd struct{}

// Run prints the version, and the revision where the build knows it.
func (versionCmd) Run() error {
	rev := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				rev = " (" + s.Value[:12] + ")"
			}
		}
	}
	_, err := fmt.Printf("streamsqld %s%s, %s %s/%s\n", engine.Version, rev, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
