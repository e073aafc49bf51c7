#!/usr/bin/env bash
# In Spring's expressions no answer is below 7, 20 / 3 of an amount is 7, and 2147483647 + 1 is below 0; in MVEL 19.99 is not 19.99.
#
# Versions: spring-expression 6.2.12, commons-jexl3 3.5.0, mvel2 2.5.2.Final, aviator 5.4.3 (Maven), each as it is made without options; Java 17.
# A good guess: a null is compared with nothing: an error, or false both ways. A BigDecimal is divided to as many digits as there are, or an error; whole
# numbers get wider, or are an error. An amount equals the same amount written into the rule, as 20.00 equals 20.0.
# What happens:
#   1. Spring and aviator take null for the smallest value, so who did not answer is a detractor; MVEL says false to both, JEXL refuses.
#   2. Spring divides a BigDecimal by the decimals it has itself, to the even neighbour: 20 by 3 is 7, 20.00 by 3 is 6.67; the others have 34 digits.
#   3. Sums in Spring and MVEL wrap at 2^31, JEXL's and aviator's get wider. Spring refuses to read 3000000000 without an L.
#   4. In MVEL 19.99 in a rule is not equal to the BigDecimal 19.99, 20.0 is equal to 20.00. 7 / 2 is 3.5, and 3 in the others.
#   5. null + 1 is the text null1 in MVEL.
# Matters because: filters of listeners, conditions of caches and events, and rules that someone keeps in a table are such expressions. A rule for those
# who scored below 7 writes to everyone that was silent; shares of prices lose their cents by how the price was typed. Ask for
# `score != null and score < 7`, hand over longs and amounts with their scale set, and compare amounts by compareTo.
#
# Output seen (2026-12-01):
#   score < 7, score null: spring true, jexl refused, mvel false, aviator true
#   score >= 0, score null: spring false, jexl refused, mvel false, aviator false
#   score + 1, score null: spring refused, jexl refused, mvel null1, aviator refused
#   amount / 3, amount 20: spring 7, jexl 6.666666666666666666666666666666667, mvel 6.666666666666666666666666666666667, aviator 6.666666666666666666666666666666667
#   amount / 3, amount 20.00: spring 6.67, jexl 6.666666666666666666666666666666667, mvel 6.666666666666666666666666666666667, aviator 6.666666666666666666666666666666667
#   amount == 19.99, amount 19.99: spring true, jexl true, mvel false, aviator true
#   amount == 20.0, amount 20.00: spring true, jexl true, mvel true, aviator true
#   uses + 1, uses 2147483647: spring -2147483648, jexl 2147483648, mvel -2147483648, aviator 2147483648
#   uses == 3000000000, uses 3000000000: spring refused, jexl true, mvel true, aviator true
#   uses / 2, uses 7: spring 3, jexl 3, mvel 3.5, aviator 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>rules</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.springframework</groupId><artifactId>spring-expression</artifactId><version>6.2.12</version></dependency>
    <dependency><groupId>org.apache.commons</groupId><artifactId>commons-jexl3</artifactId><version>3.5.0</version></dependency>
    <dependency><groupId>org.mvel</groupId><artifactId>mvel2</artifactId><version>2.5.2.Final</version></dependency>
    <dependency><groupId>com.googlecode.aviator</groupId><artifactId>aviator</artifactId><version>5.4.3</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Rules.java" <<'JAVA'
import com.googlecode.aviator.AviatorEvaluator;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.commons.jexl3.JexlBuilder;
import org.apache.commons.jexl3.MapContext;
import org.mvel2.MVEL;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.StandardEvaluationContext;

class Rules {
    interface Engine { Object asked(String rule, Map<String, Object> values) throws Exception; }

    static final Map<String, Engine> engines = new LinkedHashMap<>();

    static void tell(String rule, String name, Object value) {
        StringJoiner told = new StringJoiner(", ");
        engines.forEach((library, engine) -> {
            Map<String, Object> values = new HashMap<>();
            values.put(name, value);
            String seen;
            try {
                seen = String.valueOf(engine.asked(rule, values));
            } catch (Exception error) {
                seen = "refused";
            }
            told.add(library + " " + seen);
        });
        System.out.println(rule + ", " + name + " " + value + ": " + told);
    }

    public static void main(String[] arguments) {
        engines.put("spring", (rule, values) -> {
            var context = new StandardEvaluationContext();
            context.setVariables(values);
            for (String name : values.keySet()) rule = rule.replace(name, "#" + name);
            return new SpelExpressionParser().parseExpression(rule).getValue(context);
        });
        var jexl = new JexlBuilder().create();
        engines.put("jexl", (rule, values) -> jexl.createExpression(rule).evaluate(new MapContext(values)));
        engines.put("mvel", (rule, values) -> MVEL.executeExpression(MVEL.compileExpression(rule), values));
        engines.put("aviator", AviatorEvaluator::execute);
        tell("score < 7", "score", null);
        tell("score >= 0", "score", null);
        tell("score + 1", "score", null);
        tell("amount / 3", "amount", new BigDecimal("20"));
        tell("amount / 3", "amount", new BigDecimal("20.00"));
        tell("amount == 19.99", "amount", new BigDecimal("19.99"));
        tell("amount == 20.0", "amount", new BigDecimal("20.00"));
        tell("uses + 1", "uses", 2147483647);
        tell("uses == 3000000000", "uses", 3000000000L);
        tell("uses / 2", "uses", 7);
    }
}
JAVA
java -cp "$folder/libs/*" "$folder/Rules.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
