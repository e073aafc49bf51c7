#!/usr/bin/env bash
# In Hazelcast 1.5 and 1.50 are equal in WHERE and two groups in GROUP BY, a join by price loses sales, and 1.10 in JSON has 51 decimals.
#
# Versions: hazelcast and hazelcast-sql 5.7.0 (Maven, one member within the process), Java 17 with its compiler.
# A good guess: a DECIMAL of SQL is a number, so that 1.5 and 1.50 are one value to `=`, to groups, to DISTINCT and to joins, as in other
# databases; an index is a matter of speed; an amount in JSON that is mapped to DECIMAL has the digits that are written there.
# What happens:
#   1. What compares by order (WHERE in SQL, between, an index that is sorted) takes the two as one; what hashes (GROUP BY, DISTINCT, joins, `equal`
#      of the Predicates without an index) tells them apart by their decimals. So `equal` finds one sale, and after addIndex two.
#   2. A number of JSON becomes a double and then a decimal of all its digits. A text of JSON, "1.10", is right.
#   3. 30 February as text is cast to 2 March. `fixedPointSum` of amounts cuts each to a whole number.
# Matters because: amounts come as 20, 20.00 and 2E+1 from three services. Revenue by price point has several rows of one price, a join with the price list
# drops the sales that were written otherwise, silently, and equal amounts from JSON are not equal to those from elsewhere. Keep cents as a
# whole number, or give each amount one scale before it is put.
#
# Output seen (sales of 1.50, 1.5, 20.00, 20, 2E+1; a price list of 1.5 and 20):
#   WHERE amount = 1.5: 2 sales
#   GROUP BY amount: 1.5 1, 1.50 1, 20 1, 20.00 1, 2E+1 1
#   COUNT(DISTINCT amount): 5
#   joined with the price list: 1.5, 20
#   Predicates.equal to 1.5: 1 sales, with an index 2
#   fixedPointSum 62, bigDecimalSum 63.00
#   from JSON 1.10: 1.100000000000000088817841970012523233890533447265625, from "1.10": 1.10
#   amount = 1.10 from JSON 1.10 and "1.10": 1 of 2
#   CAST('2026-02-30' AS DATE): 2026-03-02
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>amounts</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>com.hazelcast</groupId><artifactId>hazelcast</artifactId><version>5.7.0</version></dependency>
    <dependency><groupId>com.hazelcast</groupId><artifactId>hazelcast-sql</artifactId><version>5.7.0</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Amounts.java" <<'JAVA'
import com.hazelcast.aggregation.Aggregators;
import com.hazelcast.config.Config;
import com.hazelcast.config.IndexConfig;
import com.hazelcast.config.IndexType;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastJsonValue;
import com.hazelcast.map.IMap;
import com.hazelcast.query.Predicates;
import com.hazelcast.sql.SqlResult;
import com.hazelcast.sql.SqlRow;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

class Amounts {
    static HazelcastInstance member;

    /** A member that listens on loopback only and looks for no other. */
    static HazelcastInstance started() {
        Config settings = new Config();
        settings.setProperty("hazelcast.logging.type", "none").setProperty("hazelcast.phone.home.enabled", "false");
        settings.setProperty("hazelcast.partition.count", "7");
        settings.getJetConfig().setEnabled(true).setCooperativeThreadCount(1);
        settings.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
        settings.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        settings.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        return Hazelcast.newHazelcastInstance(settings);
    }

    static List<String> rows(String query) {
        List<String> told = new ArrayList<>();
        try (SqlResult result = member.getSql().execute(query)) {
            if (result.updateCount() >= 0) return told;
            for (SqlRow row : result) {
                List<String> values = new ArrayList<>();
                for (int place = 0; place < row.getMetadata().getColumnCount(); place++) values.add(String.valueOf((Object) row.getObject(place)));
                told.add(String.join(" ", values));
            }
        }
        Collections.sort(told);
        return told;
    }

    static String told(String query) {
        return String.join(", ", rows(query));
    }

    public static void main(String[] arguments) {
        try {
            member = started();
            tell();
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }

    static void tell() {
        IMap<Integer, BigDecimal> sales = member.getMap("sales");
        String[] written = {"1.50", "1.5", "20.00", "20", "2E+1"};
        for (int place = 0; place < written.length; place++) sales.put(place, new BigDecimal(written[place]));
        IMap<BigDecimal, String> prices = member.getMap("prices");
        prices.put(new BigDecimal("1.5"), "small");
        prices.put(new BigDecimal("20"), "large");
        IMap<Integer, HazelcastJsonValue> documents = member.getMap("documents");
        documents.put(1, new HazelcastJsonValue("{\"amount\": 1.10}"));
        documents.put(2, new HazelcastJsonValue("{\"amount\": \"1.10\"}"));
        rows("CREATE MAPPING sales (__key INT, this DECIMAL) TYPE IMap"
            + " OPTIONS ('keyFormat'='int', 'valueFormat'='java', 'valueJavaClass'='java.math.BigDecimal')");
        rows("CREATE MAPPING prices (__key DECIMAL, this VARCHAR) TYPE IMap"
            + " OPTIONS ('keyFormat'='java', 'keyJavaClass'='java.math.BigDecimal', 'valueFormat'='varchar')");
        rows("CREATE MAPPING documents (__key INT, amount DECIMAL) TYPE IMap OPTIONS ('keyFormat'='int', 'valueFormat'='json-flat')");

        System.out.println("WHERE amount = 1.5: " + told("SELECT COUNT(*) FROM sales WHERE this = 1.5") + " sales");
        System.out.println("GROUP BY amount: " + told("SELECT this, COUNT(*) FROM sales GROUP BY this"));
        System.out.println("COUNT(DISTINCT amount): " + told("SELECT COUNT(DISTINCT this) FROM sales"));
        System.out.println("joined with the price list: " + told("SELECT s.this FROM sales s JOIN prices p ON p.__key = s.this"));
        BigDecimal price = new BigDecimal("1.5");
        long found = sales.aggregate(Aggregators.count(), Predicates.equal("this", price));
        BigDecimal sum = sales.aggregate(Aggregators.bigDecimalSum());
        long fixed = sales.aggregate(Aggregators.fixedPointSum());
        sales.addIndex(new IndexConfig(IndexType.SORTED, "this"));
        long indexed = sales.aggregate(Aggregators.count(), Predicates.equal("this", price));
        System.out.println("Predicates.equal to 1.5: " + found + " sales, with an index " + indexed);
        System.out.println("fixedPointSum " + fixed + ", bigDecimalSum " + sum);
        System.out.println("from JSON 1.10: " + told("SELECT amount FROM documents WHERE __key = 1")
            + ", from \"1.10\": " + told("SELECT amount FROM documents WHERE __key = 2"));
        System.out.println("amount = 1.10 from JSON 1.10 and \"1.10\": " + told("SELECT COUNT(*) FROM documents WHERE amount = 1.10") + " of 2");
        System.out.println("CAST('2026-02-30' AS DATE): " + told("SELECT CAST('2026-02-30' AS DATE)"));
    }
}
JAVA
opened=(--add-modules java.se --add-exports java.base/jdk.internal.ref=ALL-UNNAMED --add-opens java.base/java.lang=ALL-UNNAMED
  --add-opens java.base/sun.nio.ch=ALL-UNNAMED --add-opens java.management/sun.management=ALL-UNNAMED
  --add-opens jdk.management/com.sun.management.internal=ALL-UNNAMED)
javac -Xlint:-removal -cp "$folder/libs/*" -d "$folder" "$folder/Amounts.java" > "$folder/log" 2>&1
java "${opened[@]}" -cp "$folder/libs/*:$folder" Amounts 2> "$folder/errors" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
