package dev.evenkeel.payments.state;

import dev.evenkeel.payments.Finding;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.MapKeyColumn;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What operators were asked about: of each of the provider's operations, the latest finding. */
@Embeddable
public class Findings {

  @ElementCollection
  @CollectionTable(
      schema = "payments",
      name = "payment_finding",
      joinColumns = @JoinColumn(name = "payment"))
  @MapKeyColumn(name = "operation")
  @Column(name = "finding")
  private Map<String, String> asked = new HashMap<>();

  public void add(@Nullable Finding finding) {
    if (finding != null) {
      asked.put(finding.operation(), finding.text());
    }
  }

  public boolean contain(@Nullable Finding finding) {
    return finding != null && finding.text().equals(asked.get(finding.operation()));
  }

  /** Forgets what differed, because the operation agrees with us now. */
  public void remove(@Nullable String operation) {
    if (operation != null) {
      asked.remove(operation);
    }
  }
}
