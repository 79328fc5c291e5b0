-- The streams of Nexmark.
CREATE STREAM person (
  id bigint NOT NULL, name text, email_address text, credit_card text, city text, state text,
  date_time timestamptz NOT NULL, extra text,
  WATERMARK FOR date_time AS date_time - INTERVAL '4 seconds');
CREATE STREAM auction (
  id bigint NOT NULL, item_name text, description text, initial_bid bigint, reserve bigint,
  date_time timestamptz NOT NULL, expires timestamptz, seller bigint, category bigint, extra text,
  WATERMARK FOR date_time AS date_time - INTERVAL '4 seconds');
CREATE STREAM bid (
  auction bigint NOT NULL, bidder bigint, price bigint, channel text, url text,
  date_time timestamptz NOT NULL, extra text,
  WATERMARK FOR date_time AS date_time - INTERVAL '4 seconds');
