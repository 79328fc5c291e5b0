package expr

// jsonbNames are the functions behind the operators of jsonb: clients for which ? is a parameter call jsonb_exists and its like.
func jsonbNames(ops []*Func) []*Func {
	names := map[string]string{"@>": "jsonb_contains", "<@": "jsonb_contained", "?": "jsonb_exists", "?|": "jsonb_exists_any",
		"?&": "jsonb_exists_all", "||": "jsonb_concat", "-": "jsonb_delete", "#-": "jsonb_delete_path"}
	for _, f := range ops {
		if name := names[f.Name]; name != "" {
			ops = append(ops, alias(name, f))
		}
	}
	return ops
}
