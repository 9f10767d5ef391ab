//! Values of every built-in type, as texts that the server reads.

/// Two or more values of a type, by its name in the catalog. Among some are equal ones with another text.
pub fn samples(of: &str) -> Option<&'static [&'static str]> {
    Some(match of {
        "\"char\"" => &["a", "B", "z"],
        "aclitem" => &["leora=r/leora", "leora=w/leora", "=r/leora"],
        "bigint" => &["0", "9223372036854775807", "-9007199254740993"],
        "bit" => &["0", "1"],
        "bit varying" => &["", "101", "1010"],
        "boolean" => &["true", "false"],
        "box" => &["(0,0),(1,4)", "(0,0),(2,2)", "(0.1,0),(2,1e-9)"],
        "bytea" => &["\\x", "\\x00ff", "\\x5c27"],
        "character" => &["a", "b", " "],
        "character varying" | "text" => &["", "a 'b' \"c\" \\d", "ü漢", "a ", "NULL"],
        "cid" | "xid" | "xid8" | "oid" => &["3", "4", "77"],
        "oid8" => &["3", "5000000000", "77"],
        "cidr" => &["10.0.0.0/8", "10.1.0.0/16", "::/0"],
        "circle" => &["<(0,0),1>", "<(1,1),1>", "<(0,0),2>"],
        "date" => &["2024-02-29", "infinity", "1999-12-31"],
        "datemultirange" => &["{}", "{[2024-01-01,2024-02-01)}"],
        "daterange" => &["empty", "[2024-01-01,2024-02-01)", "(,)"],
        "double precision" => &["0", "-0", "0.1", "1e300", "NaN", "-Infinity"],
        "inet" => &["10.0.0.1", "10.0.0.1/8", "::1"],
        "int2vector" | "oidvector" => &["", "1 2", "1 3"],
        "int4multirange" | "int8multirange" | "nummultirange" => {
            &["{}", "{[1,2)}", "{[1,3),[5,9)}"]
        }
        "int4range" | "int8range" => &["empty", "[1,2]", "[1,3)", "(,5)"],
        "integer" => &["0", "2147483647", "-7"],
        "interval" => &["1 day", "24:00:00", "1 mon", "-00:00:00.000001"],
        "json" => &["{\"a\":1}", "{\"a\": 1}", "null", "\"x\""],
        "jsonb" => &["{\"a\": 1}", "{\"a\": 1.0}", "null", "[]"],
        "jsonpath" => &["$.\"a\"", "$.\"b\"[*]"],
        "line" => &["{1,2,3}", "{2,4,6}", "{1,0,0}"],
        "lseg" => &["[(0,0),(1,1)]", "[(1,1),(0,0)]", "[(0,0),(2,2)]"],
        "macaddr" => &["08:00:2b:01:02:03", "08:00:2b:01:02:04"],
        "macaddr8" => &["08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06"],
        "money" => &["0.10", "-12345.67"],
        "name" | "refcursor" => &["a", "b 'c'", ""],
        "numeric" => &["1.5", "1.50", "12345678901234567.25", "NaN", "-0.001"],
        "numrange" => &["empty", "[1,2)", "[1.0,2)", "(,)"],
        "path" => &["[(0,0),(1,1)]", "[(0,0),(2,2)]", "((0,0),(1,1))"],
        "pg_lsn" => &["0/0", "16/B374D848"],
        "pg_snapshot" | "txid_snapshot" => &["10:20:10,14", "1:5:"],
        "point" => &["(1,2)", "(1,2.5)", "(0.1,1e-300)"],
        "polygon" => &["((0,0),(1,1),(1,0))", "((0,0),(2,2))"],
        "real" => &["0", "-0", "0.1", "16777216", "NaN"],
        "regclass" => &["pg_class", "pg_type"],
        "regcollation" => &["\"C\"", "\"POSIX\""],
        "regconfig" => &["simple", "english"],
        "regdatabase" => &["template0", "template1"],
        "regdictionary" => &["simple", "english_stem"],
        "regnamespace" => &["pg_catalog", "public"],
        "regoper" => &["||/", "|/"],
        "regoperator" => &["+(integer,integer)", "-(integer,integer)"],
        "regproc" => &["now", "pi"],
        "regprocedure" => &["now()", "abs(integer)"],
        "regrole" => &["pg_monitor", "pg_signal_backend"],
        "regtype" => &["integer", "text[]"],
        "smallint" => &["0", "32767", "-7"],
        "tid" => &["(0,1)", "(7,3)"],
        "time with time zone" => &["10:00:00+00", "12:00:00+02", "24:00:00-05"],
        "time without time zone" => &["10:00:00", "23:59:59.999999", "24:00:00"],
        "timestamp with time zone" => {
            &["2024-02-29 10:00:00+00", "-infinity", "1999-12-31 23:59:59.5+00"]
        }
        "timestamp without time zone" => {
            &["2024-02-29 10:00:00", "infinity", "1999-12-31 23:59:59.000001"]
        }
        "tsmultirange" | "tstzmultirange" => &["{}", "{[2024-01-01 10:00,2024-02-01 10:00)}"],
        "tsquery" => &["'a'", "'a' & 'b'"],
        "tsrange" | "tstzrange" => &["empty", "[2024-01-01 10:00,2024-02-01 10:00)", "(,)"],
        "tsvector" => &["'a':1", "'a':1 'b':2", ""],
        "uuid" => &["6ba7b810-9dad-41d1-80b4-00c04fd430c8", "00000000-0000-4000-8000-00000000000a"],
        "xml" => &["<a/>", "<a></a>", "text"],
        _ => return None,
    })
}

/// Types whose length or precision is part of their name, each with values.
pub const WITH_MODIFIERS: &[(&str, &[&str])] = &[
    ("bit(3)", &["101", "111", "000"]),
    ("bit varying(4)", &["1", "10", "1010"]),
    ("character(3)", &["a", "ab", "abc"]),
    ("character varying(5)", &["a", "a    ", "hello"]),
    ("numeric(6,2)", &["1.50", "-9999.99", "0"]),
    ("interval(0)", &["1 day", "24:00:00", "00:00:01"]),
    ("interval day to second(3)", &["1 day", "00:00:01.123"]),
    ("time(0) without time zone", &["10:00:00", "24:00:00"]),
    ("timestamp(3) without time zone", &["2024-02-29 10:00:00.123", "1999-12-31 23:59:59.5"]),
    ("timestamp(0) with time zone", &["2024-02-29 10:00:00+00", "1999-12-31 23:59:59+00"]),
];
