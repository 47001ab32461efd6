-- migrate:up

-- What a shop sells, as far as discounts and rules name it: products, and their SKUs (of_product).
CREATE TABLE products (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL,
    of_product  text,           -- NULL: it is no SKU
    source_id   text,           -- the shop's own id
    name        text,
    price       bigint CHECK (price >= 0),
    metadata    jsonb NOT NULL DEFAULT '{}',
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, of_product) REFERENCES products
);
CREATE UNIQUE INDEX products_source_id ON products (project_id, source_id)
    WHERE of_product IS NULL;
CREATE UNIQUE INDEX skus_source_id ON products (project_id, source_id)
    WHERE of_product IS NOT NULL;
CREATE INDEX products_newest ON products (project_id, created_at, id) WHERE of_product IS NULL;
CREATE INDEX products_last_changed ON products (project_id, coalesce(updated_at, created_at), id)
    WHERE of_product IS NULL;
CREATE INDEX products_by_name ON products (project_id, lower(name), id) WHERE of_product IS NULL;
CREATE INDEX products_of_product ON products (project_id, of_product, created_at, id);

CREATE TABLE product_collections (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL,
    name        text NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz,
    PRIMARY KEY (project_id, id),
    CONSTRAINT product_collections_name UNIQUE (project_id, name)
);

-- What is in a collection cannot be removed.
CREATE TABLE collected_products (
    project_id     text NOT NULL,
    collection_id  text NOT NULL,
    product_id     text NOT NULL,  -- or a SKU's
    PRIMARY KEY (project_id, collection_id, product_id),
    FOREIGN KEY (project_id, collection_id) REFERENCES product_collections ON DELETE CASCADE,
    FOREIGN KEY (project_id, product_id) REFERENCES products
);
CREATE INDEX collected_products_of_product ON collected_products (project_id, product_id);

CREATE VIEW product_collection_sheets AS
SELECT c.*, (
    SELECT count(*) FROM collected_products AS p
    WHERE p.project_id = c.project_id AND p.collection_id = c.id
) AS products_count
FROM product_collections AS c;

-- migrate:down
