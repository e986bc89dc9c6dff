package dev.skerry.sentry.landlock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.slab.Slab;
import org.junit.jupiter.api.Test;

class DomainTest {
  private static final int READ = AccessRights.READ_FILE;
  private static final int WRITE = AccessRights.WRITE_FILE;

  private static Ruleset ofFiles(int rights) {
    return new Ruleset(new Handled(rights, 0, 0));
  }

  @Test
  void everyLayerMustAllow() throws ErrnoException {
    Ruleset outer = ofFiles(READ | WRITE);
    outer.allow("file", READ);
    outer.allow("above", WRITE);
    Ruleset inner = ofFiles(WRITE);
    Domain domain = Domain.restrict(Domain.restrict(null, outer), inner);
    Withheld withheld = new Withheld(domain, READ | WRITE);
    withheld.grant("file");
    assertEquals(WRITE, withheld.rights());
    withheld.grant("above");
    assertEquals(WRITE, withheld.rights(), "the inner layer has no rule");
    withheld.confineTo(READ);
    assertTrue(withheld.isNothing());
  }

  /** Rules that are added to a ruleset do not reach the domains that it has made. */
  @Test
  void domainsNeverChange() throws ErrnoException {
    Ruleset rules = ofFiles(READ);
    Domain before = Domain.restrict(null, rules);
    rules.allow("file", READ);
    Domain after = Domain.restrict(null, rules);
    rules.release();
    Withheld strict = new Withheld(before, READ);
    Withheld lax = new Withheld(after, READ);
    strict.grant("file");
    lax.grant("file");
    assertFalse(strict.isNothing());
    assertTrue(lax.isNothing());
  }

  @Test
  void movesAreForbiddenUnlessAllowed() throws ErrnoException {
    Withheld withheld = new Withheld(Domain.restrict(null, ofFiles(READ)), AccessRights.OF_PATHS);
    assertEquals(READ | AccessRights.REFER, withheld.rights());
  }

  @Test
  void portsAreAllowedByEveryLayerThatCares() throws ErrnoException {
    Ruleset ports = new Ruleset(new Handled(0, AccessRights.BIND_TCP, 0));
    ports.allowPort(80, AccessRights.BIND_TCP);
    Domain domain = Domain.restrict(Domain.restrict(null, ports), ofFiles(READ));
    assertTrue(domain.allowsPort(80, AccessRights.BIND_TCP));
    assertFalse(domain.allowsPort(81, AccessRights.BIND_TCP));
    assertTrue(domain.allowsPort(81, AccessRights.CONNECT_TCP));
    assertFalse(domain.restrictsPorts(AccessRights.CONNECT_TCP));
  }

  @Test
  void scopesEndWhereTheirLayerDoes() throws ErrnoException {
    int signal = AccessRights.SCOPE_SIGNAL;
    Domain outer = Domain.restrict(null, ofFiles(READ));
    Domain scoped = Domain.restrict(outer, new Ruleset(new Handled(0, 0, signal)));
    Domain inner = Domain.restrict(scoped, ofFiles(READ));
    Domain sibling = Domain.restrict(scoped, ofFiles(READ));
    assertFalse(inner.isApartFrom(sibling, signal));
    assertFalse(inner.isApartFrom(scoped, signal));
    assertTrue(inner.isApartFrom(outer, signal));
    assertTrue(inner.isApartFrom(null, signal));
    assertFalse(outer.isApartFrom(null, signal));
    assertFalse(inner.isApartFrom(null, AccessRights.SCOPE_ABSTRACT_UNIX_SOCKET));
    assertTrue(Domain.contains(outer, inner));
    assertTrue(Domain.contains(null, inner));
    assertFalse(Domain.contains(sibling, inner));
    assertFalse(Domain.contains(inner, null));
  }

  @Test
  void thereAreAtMostSixteenLayers() throws ErrnoException {
    Ruleset rules = ofFiles(READ);
    Domain domain = null;
    for (int i = 0; i < 16; i++) {
      domain = Domain.restrict(domain, rules);
    }
    Domain full = domain;
    ErrnoException refused = assertThrows(ErrnoException.class, () -> Domain.restrict(full, rules));
    assertEquals(Errno.E2BIG, refused.errno());
  }

  @Test
  void rulesAreCharged() {
    int before = Slab.LANDLOCK_RULE.count();
    Ruleset rules = ofFiles(READ | WRITE);
    rules.allow("file", READ);
    rules.allow("file", WRITE);
    rules.allow("other", READ);
    assertEquals(before + 2, Slab.LANDLOCK_RULE.count());
    rules.release();
    assertEquals(before, Slab.LANDLOCK_RULE.count());
  }
}
