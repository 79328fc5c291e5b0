-- The streams of Nexmark as tables.
CREATE TABLE person (
  id bigint NOT NULL, name text, email_address text, credit_card text, city text, state text,
  date_time timestamptz NOT NULL, extra text);
CREATE TABLE auction (
  id bigint NOT NULL, item_name text, description text, initial_bid bigint, reserve bigint,
  date_time timestamptz NOT NULL, expires timestamptz, seller bigint, category bigint, extra text);
CREATE TABLE bid (
  auction bigint NOT NULL, bidder bigint, price bigint, channel text, url text,
  date_time timestamptz NOT NULL, extra text);
