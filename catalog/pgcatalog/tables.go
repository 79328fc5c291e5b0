package pgcatalog

// tables lists every virtual table that has rows, by schema and name; empty.go adds those that never have any.
var tables = append([]*table{
	&infoCharacterSets, &infoDomains, &infoDomainConstraints, &infoCheckConstraints, &infoColumns, &infoConstraintColumnUsage, &infoEnabledRoles, &infoInformationSchemaCatalogName,
	&infoKeyColumnUsage, &infoParameters, &infoReferentialConstraints, &infoRoutines, &infoSchemata, &infoSequences, &infoTableConstraints, &infoTables,
	&infoTablePrivileges, &infoRoleTableGrants, &infoViewTableUsage, &infoViews,
	&pgAggregate, &pgAm, &pgAttrdef, &pgAttribute, &pgCast, &pgClass, &pgCollation, &pgConstraint, &pgCursors, &pgDatabase, &pgDepend, &pgDescription, &pgShdescription, &pgEnum,
	&pgIndex, &pgIndexes, &pgLanguage, &pgMatviews, &pgNamespace, &pgOperator, &pgPreparedStatements, &pgProc, &pgRewrite, &pgRoles,
	&pgSequence, &pgSequences,
	&pgSettings, &pgStatActivity, &pgStatAllTables, &pgStatUserTables, &pgStatistic, &pgStats, &pgTables, &pgTablespace, &pgType, &pgUser, &pgViews,
	&streamsqlQueries, &streamsqlProgress, &streamsqlSources, &streamsqlWatermarks, &streamsqlState, &streamsqlLateRows, &streamsqlDeadLetters, &streamsqlFunctions,
}, emptyTables()...)
