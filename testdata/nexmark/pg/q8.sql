-- new users that sell at once
SELECT p.id, p.name, p.window_start
FROM (SELECT id, name, window_start, window_end
      FROM (SELECT x.*, y.s AS window_start, y.s + INTERVAL '10 seconds' AS window_end
   FROM person x, LATERAL (SELECT date_bin('10 seconds', x.date_time, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS s) y) w GROUP BY id, name, window_start, window_end) p
JOIN (SELECT seller, window_start, window_end
      FROM (SELECT x.*, y.s AS window_start, y.s + INTERVAL '10 seconds' AS window_end
   FROM auction x, LATERAL (SELECT date_bin('10 seconds', x.date_time, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS s) y) w GROUP BY seller, window_start, window_end) a
  ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end
