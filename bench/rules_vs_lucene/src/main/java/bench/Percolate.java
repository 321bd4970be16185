package bench;

import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.MatchingQueries;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/**
 * Reads rules (`a b c d` a line: a AND (b OR c) AND NOT d) and articles (one a line), percolates, writes the rule
 * numbers that hold for each article, and prints `load seconds`, `match seconds`, `heap bytes`.
 *
 * Arguments: rules file, articles file, output file, characters|bigrams. With characters every word of any kind
 * is a phrase of single characters; with bigrams words of Han characters only are pairs of them, which is faster.
 */
public final class Percolate {
  private static final String TEXT = "text";

  public static void main(String[] arguments) throws Exception {
    Analyzer analyzer = analyzer(arguments[3].equals("bigrams"));
    List<String> rules = Files.readAllLines(Path.of(arguments[0]));
    List<String> articles = Files.readAllLines(Path.of(arguments[1]));
    try (Monitor monitor =
            new Monitor(analyzer, new TermFilteredPresearcher(), new MonitorConfiguration());
        BufferedWriter out = Files.newBufferedWriter(Path.of(arguments[2]))) {
      long begun = System.nanoTime();
      List<MonitorQuery> queries = new ArrayList<>();
      for (int i = 0; i < rules.size(); i++) {
        queries.add(new MonitorQuery(Integer.toString(i), query(analyzer, rules.get(i).split(" "))));
      }
      monitor.register(queries);
      double load = (System.nanoTime() - begun) / 1e9;
      int warm = Math.min(100, articles.size());
      for (int i = 0; i < warm; i++) {
        match(monitor, articles.get(i));
      }
      List<List<Integer>> found = new ArrayList<>();
      begun = System.nanoTime();
      for (String article : articles) {
        found.add(match(monitor, article));
      }
      double matching = (System.nanoTime() - begun) / 1e9;
      for (List<Integer> ids : found) {
        Collections.sort(ids);
        out.write(String.join(" ", ids.stream().map(String::valueOf).toList()));
        out.newLine();
      }
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      System.out.printf("%f %f %d%n", load, matching, runtime.totalMemory() - runtime.freeMemory());
    }
  }

  private static List<Integer> match(Monitor monitor, String article) throws Exception {
    Document document = new Document();
    document.add(new TextField(TEXT, article, Field.Store.NO));
    MatchingQueries<QueryMatch> matches = monitor.match(document, QueryMatch.SIMPLE_MATCHER);
    List<Integer> ids = new ArrayList<>();
    for (QueryMatch one : matches.getMatches()) {
      ids.add(Integer.parseInt(one.getQueryId()));
    }
    return ids;
  }

  private static Query query(Analyzer analyzer, String[] words) throws Exception {
    BooleanQuery either =
        new BooleanQuery.Builder()
            .add(phrase(analyzer, words[1]), Occur.SHOULD)
            .add(phrase(analyzer, words[2]), Occur.SHOULD)
            .build();
    return new BooleanQuery.Builder()
        .add(phrase(analyzer, words[0]), Occur.MUST)
        .add(either, Occur.MUST)
        .add(phrase(analyzer, words[3]), Occur.MUST_NOT)
        .build();
  }

  private static Query phrase(Analyzer analyzer, String word) throws Exception {
    List<Term> terms = new ArrayList<>();
    try (TokenStream stream = analyzer.tokenStream(TEXT, word)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        terms.add(new Term(TEXT, term.toString()));
      }
      stream.end();
    }
    if (terms.size() == 1) {
      return new TermQuery(terms.get(0));
    }
    PhraseQuery.Builder builder = new PhraseQuery.Builder();
    terms.forEach(builder::add);
    return builder.build();
  }

  private static Analyzer analyzer(boolean bigrams) {
    return new Analyzer() {
      @Override
      protected TokenStreamComponents createComponents(String field) {
        if (!bigrams) {
          return new TokenStreamComponents(new NGramTokenizer(1, 1));
        }
        StandardTokenizer tokenizer = new StandardTokenizer();
        return new TokenStreamComponents(tokenizer, new CJKBigramFilter(tokenizer));
      }
    };
  }

  private Percolate() {}
}
