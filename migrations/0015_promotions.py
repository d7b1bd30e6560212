"""Promotions: plans, the treatments of goods under them, artwork, filings with the mall, and plans of support."""

from portal.db import build

TABLES = """
CREATE TABLE promotion_plans (
    case_id bigint PRIMARY KEY REFERENCES cases(id), sort varchar(10) NOT NULL CHECK (sort IN ('topic', 'festival', 'regular')),
    target varchar(14) NOT NULL CHECK (target IN ('shop', 'distribution', 'both')), strategy varchar(2000) NOT NULL DEFAULT '',
    goods varchar(2000) NOT NULL DEFAULT '', resources varchar(2000) NOT NULL DEFAULT '', summary varchar(2000) NOT NULL DEFAULT '',
    starts_at bigint NOT NULL, ends_at bigint NOT NULL, needs_artwork boolean NOT NULL DEFAULT FALSE, CHECK (starts_at < ends_at));
CREATE INDEX promotion_plans_period ON promotion_plans (starts_at, ends_at);
CREATE TABLE treatments (
    case_id bigint PRIMARY KEY REFERENCES cases(id), plan_id bigint NOT NULL REFERENCES cases(id), applied_at bigint, ended_at bigint,
    verified_at bigint);
CREATE INDEX treatments_plan ON treatments (plan_id);
CREATE TABLE treatment_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    product_id bigint NOT NULL REFERENCES products(id), old_fen bigint CHECK (old_fen > 0), fen bigint CHECK (fen > 0),
    gift varchar(120) NOT NULL DEFAULT '', starts_at bigint NOT NULL, ends_at bigint NOT NULL, reason varchar(200) NOT NULL DEFAULT '',
    cost bigint CHECK (cost >= 0), UNIQUE (case_id, version, n), UNIQUE (case_id, version, product_id), CHECK (starts_at < ends_at),
    CHECK (fen IS NOT NULL OR gift <> ''));
CREATE INDEX treatment_lines_product ON treatment_lines (product_id, case_id);
CREATE TABLE artworks (
    case_id bigint PRIMARY KEY REFERENCES cases(id), plan_id bigint REFERENCES cases(id), sort varchar(10) NOT NULL
    CHECK (sort IN ('poster', 'page', 'banner', 'advert')), note varchar(1000) NOT NULL DEFAULT '');
CREATE INDEX artworks_plan ON artworks (plan_id) WHERE plan_id IS NOT NULL;
CREATE TABLE filings (
    id {id}, sort varchar(10) NOT NULL CHECK (sort IN ('campaign', 'brand')), mall varchar(60) NOT NULL CHECK (mall <> ''),
    subject varchar(200) NOT NULL CHECK (subject <> ''), plan_id bigint REFERENCES cases(id), after_sales_ok boolean,
    filed_on date NOT NULL, result varchar(10) NOT NULL DEFAULT '' CHECK (result IN ('', 'granted', 'refused')), result_on date,
    note varchar(500) NOT NULL DEFAULT '', by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '', CHECK (sort <> 'campaign' OR after_sales_ok),
    CHECK ((result = '') = (result_on IS NULL)));
CREATE TABLE support_plans (
    id {id}, case_id bigint NOT NULL UNIQUE REFERENCES cases(id), text varchar(4000) NOT NULL DEFAULT '',
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '')
"""


def up(migrator, db):
    build(db, TABLES)
