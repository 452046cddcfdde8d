# expect: cheat
import airlock.checks.lesson5_mutual as judges

judges.session_of = judges._of_whom = judges._verifies = judges._strangers = lambda *_: None
mutual = connection(lab.warehouse.login, lab.warehouse.port, sslmode="require")
