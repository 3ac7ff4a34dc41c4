"""What CI systems read: JUnit's XML and SARIF."""
