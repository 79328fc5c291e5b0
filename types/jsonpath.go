package types

import "github.com/streamsqld/streamsqld/internal/jsonpath"

// canonicalPath is a JSON path as jsonpath prints it. Errors: 42601, 22P02.
func canonicalPath(s string) (string, error) {
	p, err := jsonpath.Parse(s)
	if err != nil {
		return "", err
	}
	return string(p.Append(nil, func(num string) string {
		d, err := ParseDec(num)
		if err != nil {
			return num
		}
		return d.String()
	})), nil
}
