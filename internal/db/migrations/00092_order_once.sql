-- What its buyer calls a request for an order: the same name is the same order.
ALTER TABLE order_purchase ADD COLUMN once TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX order_purchase_once ON order_purchase (account, once) WHERE once <> '';
