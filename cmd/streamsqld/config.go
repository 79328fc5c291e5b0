package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// configFile is the --config flag: a YAML (so also JSON) map of flag names to values.
type configFile string

// BeforeResolve reads the file, so that its values stand in for flags that are not on the command line.
func (configFile) BeforeResolve(k *kong.Kong, ctx *kong.Context, trace *kong.Path) error {
	path := kong.ExpandPath(fmt.Sprint(ctx.FlagValue(trace.Flag)))
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	r := &configResolver{path: path}
	if err := yaml.Unmarshal(data, &r.values); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	ctx.AddResolver(r)
	return nil
}

type configResolver struct {
	path   string
	values map[string]any
}

// Validate refuses names that no flag has.
func (r *configResolver) Validate(app *kong.Application) error {
	var names []string
	_ = kong.Visit(app, func(n kong.Visitable, next kong.Next) error {
		if f, ok := n.(*kong.Flag); ok && f.Name != "help" && f.Name != "config" {
			names = append(names, f.Name)
		}
		return next(nil)
	})
	slices.Sort(names)
	names = slices.Compact(names)
	for k := range r.values {
		if !slices.Contains(names, flagName(k)) {
			return fmt.Errorf("%s: unknown name %q; there are: %s", r.path, k, strings.Join(names, ", "))
		}
	}
	return nil
}

func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

// Resolve gives the file's value of a flag; nil: none.
func (r *configResolver) Resolve(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	for k, v := range r.values {
		if flagName(k) == f.Name {
			if list, ok := v.([]any); ok {
				return nil, fmt.Errorf("%s: %s takes one value, not a list of %d", r.path, k, len(list))
			}
			return fmt.Sprint(v), nil
		}
	}
	return nil, nil
}
